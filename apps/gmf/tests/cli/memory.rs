//! Memory does not grow with the recording.

use std::fs;
use std::time::Duration;

use super::bench::{Bench, Running};

/// The most memory an analysis held, in KiB.
fn peak(bench: &Bench, recording: &str) -> u64 {
    let args = [
        "analyze",
        recording,
        "sim",
        "--config",
        "c.ini",
        "--threads",
        "2",
        "-o",
    ];
    let output = format!("out_{recording}");
    let mut running = Running::start(&mut bench.command(args.into_iter().chain([output.as_str()])));
    let status = format!("/proc/{}/status", running.id());
    let mut peak = 0;
    while !running.is_over() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let held = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
        peak = peak.max(held.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(1));
    }
    let ended = running.end();
    assert!(ended.succeeded(), "{ended:?}");
    peak
}

/// Compares 2 s with 16 s: ten megabytes of samples more.
fn grows_little(storage: &[(&str, &str)]) {
    let bench = Bench::with(
        &[],
        &[("num_cohints_per_file", "5"), ("max_range_gate", "292")],
    );
    for (name, end) in [("short", "2"), ("long", "16")] {
        let mut keys = storage.to_vec();
        keys.extend([("end_time", end), ("file_cadence_millisecs", "250")]);
        bench.record(name, &keys);
    }
    let (short, long) = (peak(&bench, "short"), peak(&bench, "long"));
    println!("{storage:?}: {short} KiB for 2 s, {long} KiB for 16 s");
    assert!(short > 1000, "nothing was measured");
    assert!(long * 5 <= short * 6, "{short} KiB, then {long} KiB");
}

#[test]
fn contiguous() {
    grows_little(&[]);
}

#[test]
fn compressed() {
    grows_little(&[("compression", "1"), ("sample_type", "int16")]);
}
