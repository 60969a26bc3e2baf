//! Signals that end a run in order.

use std::time::Duration;

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
        ended.must_refuse(signal, 128 + number, &told);
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
