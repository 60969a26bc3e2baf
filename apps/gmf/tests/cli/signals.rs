//! Signals that end a run in order.

use std::time::Duration;

use jobwise_testing::{Effect, Fault, Operation};

use super::bench::{Bench, Running};

/// Six files that take about a tenth of a second each.
fn slow() -> Bench {
    Bench::with(
        &[("end_time", "1.2")],
        &[("min_range_gate", "200"), ("max_range_gate", "400")],
    )
}

#[test]
fn each_keeps_what_is_finished() {
    let bench = slow();
    let whole = bench.whole("whole");
    for (signal, number) in [("INT", 2), ("TERM", 15), ("USR1", 10)] {
        let mut running =
            Running::start(&mut bench.command(Bench::arguments(signal, &["--threads", "1"])));
        // Once the first file is there, the run is well under way.
        while bench
            .tree(signal)
            .names()
            .iter()
            .all(|name| name.contains(".tmp-"))
        {
            assert!(!running.is_over(), "{signal}: nothing was written");
            std::thread::sleep(Duration::from_millis(2));
        }
        running.signal(signal);
        let ended = running.end();
        let told = ["cancelled", "run again to continue"];
        ended.must_refuse_soon(signal, 128 + number, &told);
        let left = bench.tree(signal);
        left.must_be_part_of(&whole);
        assert!((1..whole.0.len()).contains(&left.0.len()), "{signal}");
        let next = bench.analyze(signal, &[]);
        assert!(next.succeeded(), "{next:?}");
        let told = format!("{} integrations were done by an earlier run", left.0.len());
        assert!(next.stdout.contains(&told), "{signal}: {next:?}");
        bench.tree(signal).must_equal(&whole);
    }
}

/// A run whose disk does not answer ends all the same: by a second signal at once, by one in time.
#[test]
fn what_hangs_ends() {
    let bench = slow();
    let starts = |output: &str| {
        let mut command = bench.command(Bench::arguments(output, &[]));
        let fault = Fault {
            operation: Operation::Write,
            at: 3,
            effect: Effect::Hang,
        };
        fault.arm(&mut command, &bench.path("").canonicalize().unwrap());
        let running = Running::start(&mut command);
        // The first file is begun, and will never have its name.
        while bench.tree(output).0.is_empty() {
            std::thread::sleep(Duration::from_millis(2));
        }
        std::thread::sleep(Duration::from_millis(100));
        running.signal("TERM");
        running
    };
    let patient = starts("patient");
    let hasty = starts("hasty");
    std::thread::sleep(Duration::from_millis(100));
    hasty.signal("TERM");
    let ended = hasty.end();
    assert_eq!(ended.status, Some(143), "{ended:?}");
    assert!(ended.took < Duration::from_secs(5), "{ended:?}");
    let ended = patient.end();
    assert_eq!(ended.status, Some(143), "{ended:?}");
    assert!(
        ended.stderr.contains("still at it") && ended.stderr.lines().count() == 1,
        "{ended:?}"
    );
    assert!(ended.took < Duration::from_secs(20), "{ended:?}");
    let whole = bench.whole("whole");
    for output in ["patient", "hasty"] {
        assert!(bench.analyze(output, &[]).succeeded());
        bench.tree(output).must_equal(&whole);
    }
}

#[test]
fn a_crash_names_the_files_that_were_open() {
    let bench = slow();
    for (name, number) in [("SEGV", 11), ("BUS", 7), ("ABRT", 6), ("FPE", 8)] {
        let mut command = bench.command(Bench::arguments("out", &["--clobber"]));
        let fault = Fault {
            operation: Operation::Write,
            at: 3,
            effect: Effect::Hang,
        };
        fault.arm(&mut command, &bench.path("").canonicalize().unwrap());
        let running = Running::start(&mut command);
        while bench.tree("out").0.is_empty() {
            std::thread::sleep(Duration::from_millis(2));
        }
        std::thread::sleep(Duration::from_millis(50));
        running.signal(name);
        let ended = running.end();
        assert_eq!(ended.signal, Some(number), "{ended:?}");
        let told = format!("crashed (SIG{name})");
        assert!(ended.stderr.contains(&told), "{ended:?}");
        assert!(
            ended.stderr.contains("gmf-") && ended.stderr.lines().count() == 1,
            "{ended:?}"
        );
        std::fs::remove_dir_all(bench.path("out")).unwrap();
    }
}
