//! The commands that write into directories of results, figures and recordings, on disks that fail
//! and in processes that are killed: see `jobwise_testing`. Conversions have a walk of their own;
//! downloads have none. `JOBWISE_FAULTS=all` walks every fault instead of a sample.

use std::path::Path;
use std::process::Command;

use jobwise_testing::Walk;

use crate::bench::Bench;
use crate::recorded::recorded;

/// A walk of `arguments`, run on a copy of the directories in `from` beside the bench's recording
/// and configuration.
fn walk(name: &str, bench: &Bench, from: &[&str], arguments: &[&str], faults: usize) {
    let fresh = |place: &Path| {
        for directory in from {
            copy(&bench.path(directory), &place.join(directory));
        }
    };
    let command = |_: &Path| {
        let recording = bench.path("recording").display().to_string();
        let configuration = bench.path("c.ini").display().to_string();
        let scenario = bench.path("scenario.ini").display().to_string();
        let mut command = bench.command([]);
        command.args(arguments.iter().map(|argument| match *argument {
            "recording" => recording.clone(),
            "c.ini" => configuration.clone(),
            "scenario.ini" => scenario.clone(),
            other => other.to_owned(),
        }));
        command
    };
    let tally = Walk {
        name,
        fresh: &fresh,
        command: &command,
        state: &recorded,
        may_be: &|_, _| false,
        told: &[
            ".h5",
            "found",
            "made",
            ".made.partial",
            "plots",
            ".csv",
            "raw",
        ],
        faults,
    }
    .run();
    eprintln!("{name}: {tally:?}");
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(copied.unwrap().success());
}

const ANALYZE: [&str; 7] = [
    "analyze",
    "recording",
    "sim",
    "--config",
    "c.ini",
    "-o",
    "found",
];

/// Three integrations in two files.
fn bench() -> Bench {
    Bench::with(
        &[("end_time", "0.3"), ("file_cadence_millisecs", "200")],
        &[("num_cohints_per_file", "2")],
    )
}

fn also<'a>(usual: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [usual, more].concat()
}

#[test]
fn no_fault_falsifies_an_analysis() {
    walk("analyze", &bench(), &[], &ANALYZE, 16);
}

#[test]
fn no_fault_falsifies_what_is_compressed() {
    let arguments = also(&ANALYZE, &["--compression", "3"]);
    walk("analyze --compression", &bench(), &[], &arguments, 8);
}

#[test]
fn no_fault_falsifies_a_cube() {
    let bench = bench();
    bench.configure(&[
        ("num_cohints_per_file", "2"),
        ("min_range_gate", "295"),
        ("reduce", "acceleration"),
    ]);
    let arguments = also(&ANALYZE, &["-m", "grid-fast-no-reduce"]);
    walk("analyze -m grid-fast-no-reduce", &bench, &[], &arguments, 8);
}

#[test]
fn no_fault_falsifies_an_optimisation() {
    let bench = bench();
    bench.whole("found");
    let arguments = also(&ANALYZE, &["-m", "optimize"]);
    walk("analyze -m optimize", &bench, &["found"], &arguments, 10);
}

#[test]
fn no_fault_falsifies_detections() {
    let bench = bench();
    bench.whole("found");
    for name in ["made/d.h5", "made/d.csv"] {
        let arguments = ["detect", "found", "-o", name];
        walk("detect", &bench, &["found"], &arguments, 6);
    }
}

#[test]
fn no_fault_falsifies_figures() {
    let bench = bench();
    bench.whole("found");
    let arguments = ["plot", "gmf", "found", "-o", "plots"];
    walk("plot gmf", &bench, &["found"], &arguments, 8);
    let arguments = ["plot", "drf", "recording", "-o", "plots"];
    walk("plot drf", &bench, &[], &arguments, 6);
}

#[test]
fn no_fault_falsifies_a_recording() {
    let arguments = ["simulate", "drf", "scenario.ini", "made"];
    walk("simulate drf", &bench(), &[], &arguments, 10);
}
