//! What the format's own library makes of our files.

use std::path::{Path, PathBuf};
use std::process::Command;

use jobwise_kit::h5::element::Kind;
use jobwise_kit::h5::unlocked;
use jobwise_usid::format::{Bookkeeping, Element, Scalar, Storage, Value, results};

use super::common::skipped;
use super::{dimension, main_of};

const SCRIPT: &str = include_str!("peer.py");

/// A Python that has `pyUSID` 0.0.12 and `sidpy` 0.0.5 (`JOBWISE_PYUSID`).
fn peer() -> Option<PathBuf> {
    match std::env::var_os("JOBWISE_PYUSID") {
        Some(python) => Some(python.into()),
        None => skipped("JOBWISE_PYUSID does not name a Python with pyUSID"),
    }
}

fn run(python: &Path, path: &Path) -> String {
    let output = Command::new(python)
        .arg("-c")
        .arg(SCRIPT)
        .arg(path)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "the Python script failed: {errors}"
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_peer_sees_the_same_dimensions_and_results() {
    let Some(python) = peer() else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ours.h5");
    let file = unlocked::create(&path).unwrap();
    let channel = file
        .create_group("Measurement_000")
        .unwrap()
        .create_group("Channel_000")
        .unwrap();
    let positions = [dimension("Slow", 2), dimension("Fast", 3)];
    let columns = [dimension("Outer", 2), dimension("Inner", 4)];
    let raw = main_of(
        &channel,
        "Raw_Data",
        &Element::Complex(Scalar::F32),
        &positions,
        &columns,
        Storage::Contiguous,
    );
    let group = results::create(&channel, &raw, "My_Tool", 0, &Bookkeeping::now()).unwrap();
    Value::from(true).write(&group, "flag").unwrap();
    let fields =
        ["Forward", "Reverse"].map(|name| (name.to_owned(), Element::Real(Scalar::Of(Kind::F32))));
    let element = Element::Compound(fields.to_vec());
    main_of(
        &group,
        "Result",
        &element,
        &positions,
        &[dimension("arb", 1)],
        Storage::Gzip { level: 4 },
    );
    drop((raw, group, channel, file));
    let raw = "/Measurement_000/Channel_000/Raw_Data";
    let expected = [
        &format!("{raw}|Current (nA)|complex64"),
        "|Slow|2|0,10",
        "|Fast|3|0,10,20",
        "|Outer|2|0,10",
        "|Inner|4|0,10,20,30",
        "shape|(2, 3, 2, 4)",
        &format!("{raw}-My_Tool_000/Result|Current (nA)|[('Forward', '<f4'), ('Reverse', '<f4')]"),
        "|Slow|2|0,10",
        "|Fast|3|0,10,20",
        "|arb|1|0",
        "shape|(2, 3, 1)",
        &format!("results|{raw}-My_Tool_000|{raw}|My_Tool|True"),
    ];
    let seen = run(&python, &path);
    let seen: Vec<&str> = seen.lines().map(str::trim).collect();
    assert_eq!(seen, expected);
}
