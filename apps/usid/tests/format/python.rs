//! What the format's own library makes of our files.

use jobwise_testing::Python;
use std::path::Path;

use jobwise_hdf5::element::Kind;
use jobwise_hdf5::file_access;
use jobwise_usid::format::{Bookkeeping, Element, Scalar, SourceRows, Storage, Value, results};

use super::{dimension, main_of};

const SCRIPT: &str = include_str!("peer.py");

/// One that has `pyUSID` 0.0.12 and `sidpy` 0.0.5.
fn peer() -> Option<Python> {
    Python::of("JOBWISE_PYUSID", "pyUSID, sidpy")
}

fn run(python: &Python, path: &Path) -> String {
    python.run(SCRIPT, [path])
}

#[test]
fn the_peer_sees_the_same_dimensions_and_results() {
    let Some(python) = peer() else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ours.h5");
    let file = file_access::create(&path).unwrap();
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

/// Two sources in turns, of the second of which two rows were never stored; and one that is its own
/// source.
const WITHOUT_BOUNDS: &str = "
import sys, h5py, numpy as np
more = h5py.h5s.UNLIMITED
with h5py.File(sys.argv[1], 'w') as f:
    turns = h5py.VirtualLayout((8, 6), 'f4', maxshape=(None, 6))
    for k, (name, rows) in enumerate((('a', 4), ('b', 2))):
        d = f.create_dataset(name, (4, 6), 'f4', maxshape=(None, 6), chunks=(1, 6))
        d[:rows] = k + 1
        turns[k:more:2, :] = h5py.VirtualSource('.', name, (4, 6), maxshape=(None, 6))[0:more, :]
    f.create_virtual_dataset('turns', turns)
    own = h5py.VirtualLayout((8, 6), 'f4', maxshape=(None, 6))
    own[0:more, :] = h5py.VirtualSource('.', 'own', (8, 6), maxshape=(None, 6))[0:more, :]
    f.create_virtual_dataset('own', own)
";

#[test]
fn virtual_datasets_without_bounds_hold_what_their_sources_hold() {
    let Some(python) = Python::with("h5py") else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.h5");
    python.run(WITHOUT_BOUNDS, [&path]);
    let file = file_access::open(&path).unwrap();
    let readable = |name: &str| -> Vec<usize> {
        let dataset = file.dataset(name).unwrap();
        let rows = SourceRows::of_dataset(&dataset, &Element::Real(Scalar::F32), 6).unwrap();
        let is_there = |row: &usize| rows.read(*row..row + 1).is_ok();
        (0..8).filter(is_there).collect()
    };
    // The library does not always find the sources; then no row is there.
    let turns = readable("turns");
    assert!(turns.is_empty() || turns == [0, 1, 2, 3, 4, 6], "{turns:?}");
    assert!(readable("own").is_empty());
}
