//! SIGKILL at any moment: nothing is skipped, and nothing that was durable is done again.

use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jobwise_gmf::clock::parse_utc;

use super::{Recorder, bench, follow, plain, table_lines};
use crate::bench::Bench;
use jobwise_testing::{fraction, number};

/// Integrations in the files of results.
fn durable(bench: &Bench) -> usize {
    let names = bench.tree("out").names();
    let results = names.iter().filter(|name| !name.contains(".tmp-"));
    results
        .map(|name| {
            let file = hdf5::File::open(bench.path("out").join(name)).unwrap();
            file.dataset("gmf").unwrap().shape()[0]
        })
        .sum()
}

/// The number of the integration that a line tells of.
fn number_of(line: &str) -> usize {
    let start = parse_utc("2021-04-12T11:59:59.7").unwrap();
    let time = parse_utc(line.split_whitespace().next().unwrap()).unwrap();
    usize::try_from((time - start) / 100_000).unwrap()
}

#[test]
fn killed_and_started_again_it_does_everything_once() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = number("JOBWISE_SEED").unwrap_or(u64::from(now.subsec_nanos()));
    let kills = number("JOBWISE_KILLS").unwrap_or(20);
    println!("{kills} kills; JOBWISE_SEED={seed} repeats them");
    let bench = &bench();
    let recorder = &Recorder::begin(bench, "sim");
    recorder.deliver(0..10);
    thread::scope(|scope| {
        scope.spawn(|| recorder.play(10..300));
        let (mut kept, mut begun) = (0, 0);
        for kill in 0..kills {
            let before = durable(bench);
            let threads = if kill % 2 == 0 { "1" } else { "2" };
            let running = follow(bench, "out", &["--threads", threads]);
            let delay = Duration::from_secs(4).div_f64(kills as f64);
            thread::sleep(delay.mul_f64(fraction(seed, kill)));
            running.signal("KILL");
            let ended = running.end();
            assert_eq!(ended.signal, Some(9), "seed {seed}: {ended:?}");
            // Done are exactly those that were not durable, in order.
            let numbers: Vec<usize> = table_lines(&ended).into_iter().map(number_of).collect();
            let expected: Vec<usize> = (before..before + numbers.len()).collect();
            assert_eq!(numbers, expected, "kill {kill}, seed {seed}");
            let after = durable(bench);
            assert!((before..=before + numbers.len() + 2).contains(&after));
            kept += after - before;
            begun += usize::from(!after.is_multiple_of(4));
        }
        println!(
            "{kept} integrations durable after the last kill, {begun} times in a file that was not \
             full"
        );
    });
    let before = durable(bench);
    let ended = follow(bench, "out", &["--idle-timeout", "0.5"]).end();
    assert!(ended.succeeded(), "seed {seed}: {ended:?}");
    assert_eq!(table_lines(&ended).len(), 30 - before);
    if before > 0 {
        let told = format!("{before} integrations were done by an earlier run");
        assert!(ended.stdout.contains(&told), "seed {seed}: {ended:?}");
    }
    bench.tree("out").must_equal(&plain(bench, "whole", &[]));
}
