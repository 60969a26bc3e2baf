//! `--division leased`: processes that were started independently do every file once, and take over
//! from those that die.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use jobwise_testing::{fraction, impossible_here, number, private, skipped};

use super::bench::{Bench, Ended, Running};

fn start(bench: &Bench, output: &str, more: &[&str]) -> Running {
    let leased = ["--division", "leased", "--threads", "1"];
    let arguments: Vec<&str> = leased.iter().chain(more).copied().collect();
    Running::start(&mut bench.command(Bench::arguments(output, &arguments)))
}

fn files_written(ended: &Ended) -> usize {
    let (_, told) = ended.stdout.split_once("; ").expect("a summary");
    let (count, _) = told.split_once(" files written").expect("a summary");
    count.parse().unwrap()
}

#[test]
fn every_file_is_done_once_by_whoever_comes() {
    let bench = Bench::with(&[("end_time", "2.0")], &[]);
    let whole = bench.whole("whole");
    for (round, processes) in [2, 4, 3].into_iter().enumerate() {
        let output = format!("out{round}");
        let running: Vec<_> = (0..processes)
            .map(|_| start(&bench, &output, &[]))
            .collect();
        let mut files = 0;
        for process in running {
            let ended = process.end();
            assert!(ended.succeeded(), "{ended:?}");
            files += files_written(&ended);
        }
        // Claims are files too: none is left.
        bench.tree(&output).must_equal(&whole);
        assert!(!bench.path(&output).join(".claims").exists());
        assert_eq!(files, whole.0.len());
    }
}

/// Calls that look at or change files below the output, of so many processes on fresh output.
fn file_operations(bench: &Bench, output: &str, processes: usize) -> usize {
    const CALLS: &str = "trace=%file,getdents64,fsync,fdatasync,ftruncate";
    let logs: Vec<_> = (0..processes)
        .map(|process| bench.path(format!("calls-{output}-{process}")))
        .collect();
    let traced = |log: &PathBuf| {
        let leased = ["--division", "leased", "--threads", "1"];
        let run = bench.command(Bench::arguments(output, &leased));
        let mut command = Command::new("strace");
        command.args(["-f", "-y", "-e", CALLS, "-o"]).arg(log);
        command.arg(run.get_program()).args(run.get_args());
        command.current_dir(bench.path("."));
        Running::start(&mut command)
    };
    let running: Vec<_> = logs.iter().map(traced).collect();
    for process in running {
        process.end().must_succeed();
    }
    let places = [format!("\"{output}"), format!("/{output}")];
    let is_there = |line: &&str| places.iter().any(|place| line.contains(place));
    let calls = |log: &PathBuf| {
        let text = fs::read_to_string(log).unwrap();
        text.lines().filter(is_there).count()
    };
    logs.iter().map(calls).sum()
}

/// What others did costs a process little: one listing tells it of all. Eight processes had ten
/// times the operations of one when each looked at every file.
#[test]
fn eight_processes_do_little_more_than_one() {
    let traced = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .status();
    match traced.map(|status| status.success()) {
        Ok(true) => {}
        Ok(false) => return impossible_here("processes cannot be traced").unwrap_or(()),
        Err(_) => return skipped("strace is not there, which counts calls").unwrap_or(()),
    }
    let bench = Bench::with(&[("end_time", "10.0")], &[]);
    let alone = file_operations(&bench, "alone", 1);
    let eight = file_operations(&bench, "eight", 8);
    bench.tree("eight").must_equal(&bench.tree("alone"));
    assert!(
        2 * eight <= 3 * alone,
        "{eight} operations, and {alone} of one process"
    );
}

/// Containers on one machine may have the same name, and each its own numbers of processes.
#[test]
fn processes_of_other_name_spaces_leave_each_others_files_alone() {
    let bench = Bench::with(&[("end_time", "2.0")], &[]);
    if private::processes(true).is_none() {
        return;
    }
    let whole = bench.whole("whole");
    // As many programs ran before: the numbers of the runs differ.
    let start = |before: usize| {
        let leased = ["--division", "leased", "--threads", "1"];
        let run = bench.command(Bench::arguments("out", &leased));
        let script = "true &\n".repeat(before) + "\"$@\"; exit $?";
        let mut command = private::processes(true).unwrap();
        command
            .args(["sh", "-c", &script, "sh"])
            .arg(run.get_program())
            .args(run.get_args())
            .current_dir(bench.path("."));
        Running::start(&mut command)
    };
    let mut files = 0;
    for running in [start(0), start(20), start(40)] {
        let ended = running.end();
        assert!(ended.succeeded(), "{ended:?}");
        files += files_written(&ended);
    }
    assert_eq!(files, whole.0.len());
    bench.tree("out").must_equal(&whole);
}

#[test]
fn runs_over_other_times_share_their_files() {
    let bench = Bench::with(&[("end_time", "2.0")], &[]);
    let whole = bench.whole("whole");
    // File 0 of the second run is file 7 of the first.
    let running = [
        start(&bench, "out", &[]),
        start(&bench, "out", &["-s", "2021-04-12T12:00:00.4"]),
    ];
    let files: usize = running
        .into_iter()
        .map(|process| {
            let ended = process.end();
            assert!(ended.succeeded(), "{ended:?}");
            files_written(&ended)
        })
        .sum();
    assert_eq!(files, whole.0.len());
    bench.tree("out").must_equal(&whole);
}

#[test]
fn what_a_killed_process_had_begun_is_done_by_another() {
    let kills = number("JOBWISE_KILLS").unwrap_or(6);
    let seed = number("JOBWISE_SEED").unwrap_or(u64::from(std::process::id()));
    println!("{kills} kills; JOBWISE_SEED={seed} repeats them");
    let bench = Bench::with(&[("end_time", "2.0")], &[]);
    let started = Instant::now();
    let whole = bench.whole("whole");
    let length = started.elapsed();
    let mut in_time = 0;
    for kill in 0..kills {
        let output = format!("out{kill}");
        let victim = start(&bench, &output, &[]);
        let heir = start(&bench, &output, &[]);
        std::thread::sleep(length.mul_f64(fraction(seed, kill)));
        victim.signal("KILL");
        in_time += u64::from(victim.end().signal == Some(9));
        // On one machine a dead process is noticed at once: the heir needs no lease to end.
        let ended = heir.end();
        assert!(ended.succeeded(), "{ended:?}");
        assert!(ended.took < Duration::from_secs(30), "{ended:?}");
        let mut left = bench.tree(&output);
        left.0.retain(|path, _| !path.starts_with(".claims"));
        left.must_equal(&whole);
        // The heir may have ended before the victim was killed; who comes next removes what the
        // dead left of its claims.
        let next = start(&bench, &output, &[]).end();
        assert!(next.succeeded() && files_written(&next) == 0, "{next:?}");
        bench.tree(&output).must_equal(&whole);
    }
    assert!(in_time * 2 >= kills.min(6), "only {in_time} of {kills}");
}

#[test]
fn a_stopped_process_loses_its_file_after_the_lease() {
    let bench = Bench::with(&[("end_time", "2.0")], &[]);
    let whole = bench.whole("whole");
    let sleeper = start(&bench, "out", &["--lease", "2"]);
    // Until it has a file, and so perhaps the next one.
    let since = Instant::now();
    while bench.tree("out").0.len() < 3 && since.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(2));
    }
    sleeper.signal("STOP");
    let ended = start(&bench, "out", &["--lease", "2"]).end();
    assert!(ended.succeeded(), "{ended:?}");
    sleeper.signal("CONT");
    let ended = sleeper.end();
    assert!(ended.succeeded(), "{ended:?}");
    bench.tree("out").must_equal(&whole);
}

#[test]
fn a_cancelled_process_gives_back_what_it_had() {
    let bench = Bench::with(&[("end_time", "2.0")], &[]);
    let whole = bench.whole("whole");
    let first = start(&bench, "out", &[]);
    std::thread::sleep(Duration::from_millis(100));
    first.signal("TERM");
    let ended = first.end();
    assert!(ended.status == Some(143) || ended.succeeded(), "{ended:?}");
    assert!(!bench.path("out").join(".claims").exists());
    let ended = start(&bench, "out", &[]).end();
    assert!(ended.succeeded(), "{ended:?}");
    bench.tree("out").must_equal(&whole);
}

#[test]
fn what_cannot_be_shared_is_refused() {
    let bench = Bench::new();
    for (arguments, why) in [
        (&["--follow"][..], "--follow works in one process"),
        (&["--clobber"], "would replace every file"),
    ] {
        let ended = start(&bench, "out", arguments).end();
        assert_eq!(ended.status, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(why), "{ended:?}");
    }
}
