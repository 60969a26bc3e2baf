//! SIGKILL at any moment: the files open, nothing is marked that is not there, and the next run
//! completes them.
//!
//! `JOBWISE_SEED` repeats a sequence of moments, `JOBWISE_KILLS` sets how many.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jobwise_hdf5::amendment::{self, Writable};
use jobwise_testing::{fraction, number};

use crate::bench::{Bench, must_equal};

#[test]
fn a_killed_run_is_continued() {
    let bench = Bench::new(9);
    let whole = bench.whole();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = number("JOBWISE_SEED").unwrap_or(u64::from(now.subsec_nanos()));
    let kills = number("JOBWISE_KILLS").unwrap_or(20);
    println!("{kills} kills; JOBWISE_SEED={seed} repeats them");
    let command = ["--threads", "2", "--checkpoint", "0.02"];
    // The shorter of two: a busy moment must not put the kills behind the end.
    let lengths = ["one", "two"].map(|output| {
        let started = Instant::now();
        bench.must(output, &command);
        started.elapsed()
    });
    let length = lengths[0].min(lengths[1]);
    let (mut in_time, mut partial) = (0, 0);
    for kill in 0..kills {
        let output = format!("out{kill}");
        let running = bench.start(&output, &command);
        let delay = length.mul_f64(fraction(seed, kill));
        std::thread::sleep(delay);
        running.signal("KILL");
        in_time += u64::from(running.end().signal == Some(9));
        let mut marks = Vec::new();
        for name in whole.keys() {
            let file = format!("{output}/{name}");
            if bench.path(&file).exists() {
                // The next run brings such a file in order.
                if amendment::pending(bench.path(&file)).unwrap() {
                    drop(Writable::claim(bench.path(&file)).unwrap());
                }
                let status = bench.status(&file);
                rows_are_there(&bench, &file, &status);
                marks.extend(status);
            }
        }
        partial += u64::from(marks.contains(&0) && marks.contains(&1));
        let next = bench.run(&output, &command);
        assert!(next.succeeded(), "after {delay:?} (seed {seed}): {next:?}");
        must_equal(&bench.files(&output), &whole);
        let left = jobwise_testing::names(&bench.path(&output));
        assert_eq!(left, [".lock", "100.0.h5", "200.0.h5"], "seed {seed}");
        std::fs::remove_dir_all(bench.path(&output)).unwrap();
    }
    println!("{in_time} of {kills} killed while running; {partial} had some soundings done");
    assert!(in_time * 3 >= kills.min(30), "only {in_time} of {kills}");
    assert!(length < Duration::from_secs(30));
}

/// Every marked sounding has its numbers.
fn rows_are_there(bench: &Bench, file: &str, status: &[u8]) {
    let file = bench.open(file);
    let numbers = |name: &str| -> Vec<f64> { file.dataset(name).unwrap().read_raw().unwrap() };
    let half_space = numbers("halfspace/data");
    let misfit = numbers("jobwise/mean");
    for (row, mark) in status.iter().enumerate() {
        let there = half_space[row].is_finite() && misfit[row * misfit.len() / status.len()] > 0.0;
        assert!(*mark == 0 || there, "row {row} is marked {mark}");
    }
}

#[test]
fn a_signal_ends_a_run_soon_and_the_next_one_completes_it() {
    let bench = Bench::new(12);
    let whole = bench.whole();
    let running = bench.start("out", &["--threads", "1", "--checkpoint", "0.02"]);
    jobwise_testing::until("the first file", || bench.path("out/100.0.h5").exists());
    running.signal("TERM");
    let ended = running.end();
    assert_eq!(ended.status, Some(143), "{ended:?}");
    assert!(ended.stderr.contains("run again to continue"), "{ended:?}");
    bench.must("out", &[]);
    must_equal(&bench.files("out"), &whole);
}

#[test]
fn a_leased_process_does_what_a_killed_one_had_begun() {
    let bench = Bench::new(9);
    let whole = bench.whole();
    let start = || bench.start("out", &["--threads", "1", "--division", "leased"]);
    let (first, second) = (start(), start());
    jobwise_testing::until("the first result", || {
        // While a process writes, it may not open.
        let file = jobwise_hdf5::file_access::open(bench.path("out/100.0.h5"));
        let marks = file
            .ok()
            .and_then(|file| file.dataset("jobwise/status").ok());
        let marks = marks.and_then(|marks| marks.read_raw::<u8>().ok());
        marks.is_some_and(|marks| marks.contains(&1))
    });
    first.signal("KILL");
    first.end();
    let ended = second.end();
    assert!(ended.succeeded(), "{ended:?}");
    must_equal(&bench.files("out"), &whole);
    assert!(!bench.path("out/.claims").exists());
}
