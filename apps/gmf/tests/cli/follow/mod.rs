//! `gmf analyze --follow`: beside a recorder that is at work, the files are those of a plain run
//! afterwards.

mod arrival;
mod ends;
mod kills;
mod late;
mod recorder;
mod restarts;

use std::process::Command;

use super::bench::{Bench, Ended, Running, Tree};
use recorder::Recorder;

/// Three seconds in files of 10 ms: 30 integrations, four to a file of results.
fn bench() -> Bench {
    bench_with(&[])
}

fn bench_with(configuration: &[(&str, &str)]) -> Bench {
    let mut keys = vec![("num_cohints_per_file", "4")];
    keys.extend(configuration);
    Bench::with(
        &[("end_time", "3"), ("file_cadence_millisecs", "10")],
        &keys,
    )
}

/// An analysis of the live recording into `output`.
fn analysis<'a>(output: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let usual = ["analyze", "live", "sim", "--config", "c.ini", "-o", output];
    usual.iter().chain(more).copied().collect()
}

fn follow(bench: &Bench, output: &str, more: &[&str]) -> Running {
    let flags = [&["--follow"], more].concat();
    let mut command: Command = bench.command(analysis(output, &flags));
    Running::start(&mut command)
}

/// What a plain run writes of the live recording as it is now.
fn plain(bench: &Bench, output: &str, more: &[&str]) -> Tree {
    let ended = bench.run(analysis(output, more));
    assert!(ended.succeeded(), "{ended:?}");
    bench.tree(output)
}

/// The lines of the integrations that were told.
fn table_lines(ended: &Ended) -> Vec<&str> {
    let lines = ended.stdout.lines();
    lines.filter(|line| line.starts_with("2021-")).collect()
}
