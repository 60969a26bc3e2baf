//! Conversions on disks that fail, and killed at any call: see `jobwise_testing`.

use std::process::Command;

use jobwise_testing::Walk;

use super::raw_data::RawFile;
use super::recorded::recorded;

#[test]
fn no_fault_falsifies_a_conversion() {
    let top = tempfile::tempdir().unwrap();
    let raw = top.path().join("raw");
    RawFile::new(2).write(&raw);
    let tally = Walk {
        name: "convert",
        fresh: &|_| {},
        command: &|_| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_gmf"));
            command.args(["convert", "eiscat"]).arg(&raw).arg("made");
            command
        },
        state: &recorded,
        may_be: &|_, _| false,
        told: &["made"],
        // Each takes a second.
        faults: 3,
    }
    .run();
    eprintln!("{tally:?}");
}
