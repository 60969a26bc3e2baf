//! The USID format: files of the peer, files of our own, and files that are damaged.

mod cells;
#[path = "../common/mod.rs"]
mod common;
mod damaged;
mod grids;
mod peer;
mod promises;
mod python;
mod results;
mod stored;
mod types;
mod values;
mod writing;

use hdf5::File;
use jobwise_hdf5::file_access;
use jobwise_usid::format::{Axis, Bookkeeping, Dimension, Element, Main, NewMain, Side, Storage};

/// An empty file in a directory that goes with the first of the pair.
fn scratch() -> (tempfile::TempDir, File) {
    let directory = tempfile::tempdir().unwrap();
    let file = file_access::create(directory.path().join("scratch.h5")).unwrap();
    (directory, file)
}

/// A main dataset of these dimensions in a group.
fn main_of(
    group: &hdf5::Group,
    name: &str,
    element: &Element,
    positions: &[Dimension],
    columns: &[Dimension],
    storage: Storage,
) -> Main {
    let entries = |dimensions: &[Dimension]| dimensions.iter().map(Dimension::len).product();
    let position = format!("{name}_Position");
    let spectroscopic = format!("{name}_Spectroscopic");
    let new = NewMain {
        name,
        positions: entries(positions),
        width: entries(columns),
        element,
        quantity: "Current",
        units: "nA",
        storage,
        position: Axis::create(group, &position, Side::Position, positions).unwrap(),
        spectroscopic: Axis::create(group, &spectroscopic, Side::Spectroscopic, columns).unwrap(),
    };
    Main::open(&new.create(group, &Bookkeeping::now()).unwrap()).unwrap()
}

/// A dimension of the values 0, 10, 20 ..
fn dimension(name: &str, length: usize) -> Dimension {
    let values = (0..length).map(|k| 10.0 * k as f64).collect();
    Dimension::new(name, "nm", values)
}
