use std::path::Path;

use jobwise_core::{IndexSet, Sink};

use super::store::Way;
use super::*;
use crate::amendment::Writable;
use crate::{file_access, raw_rows};

mod durable;
mod refused;
mod stored;

const POSITIONS: usize = 10;
/// Units of three positions (the last has one), items of two units.
const PARTITION: Partition = Partition {
    positions: POSITIONS,
    unit: 3,
    batch: 2,
};

fn plan() -> Plan {
    let piece = RowDataset {
        rows: Per::Piece(2),
        ..RowDataset::of::<i32>("pieces", 20)
    };
    let digest = RowDataset {
        rows: Per::Unit,
        ..RowDataset::of::<u64>("deep/units", 1)
    };
    Plan {
        group: "fits/first".into(),
        datasets: vec![RowDataset::of::<f64>("rows", 3), piece, digest],
        marks: "deep/status".into(),
        partition: PARTITION,
    }
}

/// A file with the datasets of the plan; `rows` are chunked or not.
fn create(path: &Path, is_chunked: bool) {
    let file = file_access::create(path).unwrap();
    let group = file.create_group("fits/first").unwrap();
    group.create_group("deep").unwrap();
    let mut rows = group.new_dataset_builder();
    if is_chunked {
        rows = rows.chunk((4, 3)).deflate(3);
    }
    let early = Some(hdf5::plist::dataset_create::AllocTime::Early);
    let rows = if is_chunked {
        rows
    } else {
        rows.alloc_time(early)
    };
    rows.empty::<f64>()
        .shape((POSITIONS, 3))
        .create("rows")
        .unwrap();
    let contiguous = || group.new_dataset_builder().alloc_time(early);
    let pieces = contiguous().empty::<i32>().shape((2 * POSITIONS, 4, 5));
    pieces.create("pieces").unwrap();
    let units = contiguous().empty::<u64>().shape(4);
    units.create("deep/units").unwrap();
    create_marks(&group, "deep/status", POSITIONS).unwrap();
    file.close().unwrap();
}

fn bytes<T: Copy, const N: usize>(
    numbers: impl Iterator<Item = T>,
    to: fn(T) -> [u8; N],
) -> Vec<u8> {
    numbers.flat_map(to).collect()
}

/// The rows of units: numbers that are never 0.
fn datasets(units: std::ops::Range<usize>) -> Vec<Vec<u8>> {
    let positions = PARTITION.positions_of(&units);
    let (first, last) = (positions.start, positions.end);
    vec![
        bytes(
            (3 * first..3 * last).map(|n| (n + 1) as f64),
            f64::to_ne_bytes,
        ),
        bytes(
            (40 * first..40 * last).map(|n| (n + 1) as i32),
            i32::to_ne_bytes,
        ),
        bytes(units.map(|n| n as u64 + 1), u64::to_ne_bytes),
    ]
}

fn item(index: usize) -> Rows {
    let units = PARTITION.units_of(index);
    Rows::done(units.clone(), datasets(units))
}

/// The bytes of all datasets and the marks as any reader sees them.
fn read(path: &Path) -> (Vec<Vec<u8>>, Vec<u8>) {
    let file = file_access::open(path).unwrap();
    let read = |name: &str| {
        let dataset = file.dataset(&format!("fits/first/{name}")).unwrap();
        let mut bytes = Vec::new();
        raw_rows::read(&dataset, 0..dataset.shape()[0], &mut bytes).unwrap();
        bytes
    };
    (
        ["rows", "pieces", "deep/units"].map(read).to_vec(),
        read("deep/status"),
    )
}

/// Runs `test` on a file that is written in place, and on one that is amended.
fn both(test: impl Fn(&Path, bool)) {
    let directory = tempfile::tempdir().unwrap();
    for (name, is_chunked) in [("contiguous.h5", false), ("chunked.h5", true)] {
        let path = directory.path().join(name);
        create(&path, is_chunked);
        test(&path, is_chunked);
    }
}

fn done(file: &Writable) -> IndexSet {
    plan().read_marks(&file.open().unwrap()).unwrap().of(DONE)
}

fn indices(set: &IndexSet) -> Vec<usize> {
    set.runs().flatten().collect()
}

/// The one line that an error is.
fn line(error: &dyn std::fmt::Display) -> String {
    let error = error.to_string();
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}
