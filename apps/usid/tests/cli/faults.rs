//! Every command that writes, on disks that fail and in processes that are killed: see
//! `jobwise_testing`. `JOBWISE_FAULTS=all` walks every fault instead of a sample.

use std::path::Path;
use std::process::Command;

use hdf5::{Dataset, Group};
use jobwise_hdf5::{file_access, raw_rows};
use jobwise_testing::{Tree, Walk, tree};

use crate::bench::Bench;

/// What tells the time or the place of a run.
const INCIDENTAL: [&str; 5] = ["timestamp", "machine_id", "platform", "date", "user"];

/// A walk of `arguments` on a copy of the file `from`, if one is given.
fn walk(bench: &Bench, from: Option<&str>, arguments: &[&str], faults: usize) {
    let fresh = |place: &Path| {
        if let Some(name) = from {
            std::fs::copy(bench.path(name), place.join(name)).unwrap();
        }
    };
    let command = |_: &Path| -> Command { bench.command(arguments.iter().copied()) };
    let name = arguments[0];
    let tally = Walk {
        name,
        fresh: &fresh,
        command: &command,
        state: &whole_parts,
        // They are written after the last mark.
        may_be: &|name, _| name.ends_with("@last_pixel") || name.ends_with("@jobwise_seal"),
        told: &[".h5", "plots", ".npy"],
        faults,
    }
    .run();
    eprintln!("{name}: {tally:?}");
}

/// Files that are no HDF5 files as they are; of the others all that is complete.
fn whole_parts(place: &Path) -> Tree {
    let mut parts = Tree::new();
    for (name, bytes) in tree(place) {
        let path = place.join(&name);
        match file_access::open(&path) {
            _ if path.extension().is_none_or(|it| it != "h5") => drop(parts.insert(name, bytes)),
            // On its way: the next run brings it in order.
            _ if place.join(format!(".{name}.journal")).exists() => {}
            Ok(file) => add(&mut parts, &name, &file),
            Err(error) => drop(parts.insert(name, error.to_string().into_bytes())),
        }
    }
    parts
}

/// Adds what is in a group; results that say that they are not complete do not count.
fn add(parts: &mut Tree, prefix: &str, group: &Group) {
    if let Ok(marks) = group.dataset("completed_positions") {
        let marks: Vec<u8> = marks.read_raw().unwrap();
        if marks.contains(&0) {
            return;
        }
    }
    for (name, value) in jobwise_usid::format::attributes(group).unwrap() {
        if !INCIDENTAL.contains(&name.as_str()) {
            parts.insert(format!("{prefix}@{name}"), value.to_string().into_bytes());
        }
    }
    let last = |name: String| name.rsplit('/').next().unwrap().to_owned();
    for dataset in group.datasets().unwrap() {
        let name = format!("{prefix}/{}", last(dataset.name()));
        parts.insert(name, bytes(&dataset));
    }
    for inner in group.groups().unwrap() {
        add(parts, &format!("{prefix}/{}", last(inner.name())), &inner);
    }
}

fn bytes(dataset: &Dataset) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(&rows) = dataset.shape().first() {
        // Labels and references are the same wherever the numbers are.
        let _ = raw_rows::read(dataset, 0..rows, &mut bytes);
    }
    bytes
}

#[test]
fn no_fault_falsifies_a_filter() {
    let bench = Bench::with_lines(4, 64);
    let filter = ["filter", "lines.h5", "-f", "low:10e3", "--threads", "2"];
    walk(&bench, Some("lines.h5"), &filter, 14);
    let compressed = [&filter[..], &["--compress", "3"]].concat();
    walk(&bench, Some("lines.h5"), &compressed, 8);
}

#[test]
fn no_fault_falsifies_a_cleaned_image() {
    let bench = Bench::new();
    bench.must(&["simulate", "image", "image.h5", "--size", "48"]);
    let clean = ["clean-image", "image.h5", "-w", "8", "-c", "4"];
    walk(&bench, Some("image.h5"), &clean, 10);
    bench.must(&clean);
    walk(
        &bench,
        Some("image.h5"),
        &["plot", "image.h5", "-o", "plots"],
        4,
    );
}

#[test]
fn no_fault_falsifies_reshaped_currents() {
    let bench = Bench::with_lines(4, 64);
    let reshape = ["reshape", "lines.h5", "--points-per-cycle", "16"];
    walk(&bench, Some("lines.h5"), &reshape, 6);
    bench.must(&[
        "simulate",
        "currents",
        "currents.h5",
        "--positions",
        "2",
        "--points",
        "100",
    ]);
    walk(&bench, Some("currents.h5"), &["giv", "currents.h5"], 4);
}

#[test]
fn no_fault_falsifies_a_new_file() {
    let bench = Bench::new();
    let simulate = ["simulate", "image", "new.h5", "--size", "48"];
    walk(&bench, None, &simulate, 10);
    // The magic, version 1, a header of 118 bytes, and 16 x 16 numbers.
    let header = format!(
        "{:<117}\n",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (16, 16), }"
    );
    let numbers = (0..256_u16).flat_map(|n| f32::from(n).to_le_bytes());
    let picture = b"\x93NUMPY\x01\x00\x76\x00".iter().copied();
    let picture: Vec<u8> = picture.chain(header.bytes()).chain(numbers).collect();
    std::fs::write(bench.path("square.npy"), picture).unwrap();
    let import = ["import", "square.npy", "imported.h5"];
    walk(&bench, Some("square.npy"), &import, 8);
}
