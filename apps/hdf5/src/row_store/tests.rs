use std::fs::{self, File};
use std::path::Path;

use hdf5::types::VarLenUnicode;
use hdf5::{Dataset, H5Type};
use jobwise_core::{Cause, IndexSet, Sink, Wire};

use super::store::Way;
use super::*;
use crate::amendment::Writable;
use crate::{file_access, raw_rows};

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

#[test]
fn rows_are_written_where_they_belong_and_marked_when_committed() {
    both(|path, is_chunked| {
        let mut file = Writable::claim(path).unwrap();
        let mut store = RowStore::open(&mut file, plan(), IndexSet::new()).unwrap();
        assert_eq!(matches!(store.way, Way::Amending(_)), is_chunked);
        store.write(1, item(1)).unwrap();
        assert_eq!(read(path).1, [0; POSITIONS]);
        // Of the other item one unit only.
        store.write(0, Rows::done(0..1, datasets(0..1))).unwrap();
        store.commit(&[1, 0]).unwrap();
        assert_eq!(indices(store.complete()), [0, 1, 2, 6, 7, 8, 9]);
        let (found, marks) = read(path);
        let whole = datasets(0..4);
        let mut expected = whole.clone();
        expected[0][3 * 3 * 8..6 * 3 * 8].fill(0);
        expected[1][3 * 40 * 4..6 * 40 * 4].fill(0);
        expected[2][8..16].fill(0);
        assert!(found == expected);
        assert_eq!(marks, [1, 1, 1, 0, 0, 0, 1, 1, 1, 1]);
        assert_eq!(indices(&store.done(0..2).unwrap()), [1]);
        drop(store);

        let complete = done(&file);
        let mut store = RowStore::open(&mut file, plan(), complete).unwrap();
        assert_eq!(indices(&store.done(0..2).unwrap()), [1]);
        assert_eq!(indices(&store.done(0..1).unwrap()), [0_usize; 0]);
        store.write(0, item(0)).unwrap();
        store.commit(&[0]).unwrap();
        assert!(read(path) == (whole, vec![1; POSITIONS]));
    });
}

#[test]
fn a_unit_that_is_given_up_leaves_datasets_as_they_are_and_can_be_done_later() {
    const FAILED: u8 = 2;
    both(|path, _| {
        let mut file = Writable::claim(path).unwrap();
        let mut store = RowStore::open(&mut file, plan(), IndexSet::new()).unwrap();
        let mut rows = Rows::done(0..1, datasets(0..1));
        let reason = 77_u64.to_ne_bytes().to_vec();
        rows.push(1..2, FAILED, vec![vec![], vec![], reason.clone()]);
        store.write(0, rows).unwrap();
        store.commit(&[0]).unwrap();
        assert_eq!(indices(store.complete()), [0, 1, 2]);
        let (found, marks) = read(path);
        assert_eq!(marks, [1, 1, 1, FAILED, FAILED, FAILED, 0, 0, 0, 0]);
        assert_eq!(found[0][9 * 8..], [0; 21 * 8]);
        assert_eq!(found[2][8..16], reason);
        drop(store);

        let marks = plan().read_marks(&file.open().unwrap()).unwrap();
        assert_eq!(indices(&marks.of(FAILED)), [3, 4, 5]);
        let mut store = RowStore::open(&mut file, plan(), marks.of(DONE)).unwrap();
        assert!(store.done(0..2).unwrap().is_empty());
        store.write(0, item(0)).unwrap();
        store.commit(&[0]).unwrap();
        let (found, marks) = read(path);
        assert_eq!(marks, [1, 1, 1, 1, 1, 1, 0, 0, 0, 0]);
        assert_eq!(found[2][..16], datasets(0..2)[2]);
    });
}

#[test]
fn rows_are_in_the_file_before_they_are_marked_and_do_not_stay_in_memory() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("large.h5");
    let width = 3 << 19;
    let file = file_access::create(&path).unwrap();
    let early = Some(hdf5::plist::dataset_create::AllocTime::Early);
    let rows = file.new_dataset::<u64>().alloc_time(early);
    rows.shape((6, width)).create("rows").unwrap();
    create_marks(&file, "marks", 6).unwrap();
    file.close().unwrap();
    let plan = Plan {
        group: "/".into(),
        datasets: vec![RowDataset::of::<u64>("rows", width)],
        marks: "marks".into(),
        partition: Partition::single(6),
    };
    let mut file = Writable::claim(&path).unwrap();
    let mut store = RowStore::open(&mut file, plan.clone(), IndexSet::new()).unwrap();
    let marks = || plan.read_marks(&file_access::open(&path).unwrap()).unwrap();
    for row in 0..3 {
        let rows = Rows::done(row..row + 1, vec![vec![7; 8 * width]]);
        store.write(row, rows).unwrap();
        assert!(store.pending.bytes() < RowStore::BUFFER);
    }
    let rows = file_access::open(&path).unwrap().dataset("rows").unwrap();
    let number = rows.read_slice_1d::<u64, _>((0, 0..1)).unwrap()[0];
    assert_eq!(number, u64::from_ne_bytes([7; 8]));
    assert_eq!(marks(), Marks::default());
    store.commit(&[0, 1, 2]).unwrap();
    assert_eq!(indices(&marks().of(DONE)), [0, 1, 2]);
}

/// The one line that an error is.
fn line(error: &dyn std::fmt::Display) -> String {
    let error = error.to_string();
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

#[test]
fn files_that_are_not_as_planned_are_refused_and_stay_as_they_are() {
    both(|path, _| {
        let before = fs::read(path).unwrap();
        let refused = |plan: Plan, words: &[&str]| {
            let mut file = Writable::claim(path).unwrap();
            let error = RowStore::open(&mut file, plan, IndexSet::new()).unwrap_err();
            let error = line(&error);
            for word in [&[".h5"], words].concat() {
                assert!(error.contains(word), "{word}: {error}");
            }
        };
        let with = |index: usize, dataset: RowDataset| {
            let mut plan = plan();
            plan.datasets[index] = dataset;
            plan
        };
        refused(
            with(0, RowDataset::of::<f64>("guesses", 3)),
            &["fits/first/guesses"],
        );
        let wider = RowDataset::of::<f64>("rows", 4);
        refused(with(0, wider), &["rows", "[10, 3]", "10 rows of 4"]);
        let other = RowDataset::of::<f32>("rows", 3);
        refused(with(0, other), &["rows", "another type than float32"]);
        let fewer = RowDataset::of::<i32>("pieces", 20);
        refused(with(1, fewer), &["pieces", "[20, 4, 5]", "10 rows"]);
        let text = RowDataset::of::<VarLenUnicode>("rows", 3);
        refused(with(0, text), &["rows", "variable length"]);
        refused(
            with(0, RowDataset::of::<f64>("rows", 0)),
            &["rows of nothing"],
        );
        let partition = Partition {
            positions: 11,
            ..PARTITION
        };
        refused(
            Plan {
                partition,
                ..plan()
            },
            &["rows", "11 rows"],
        );
        let partition = Partition {
            unit: 0,
            ..PARTITION
        };
        refused(
            Plan {
                partition,
                ..plan()
            },
            &["a unit needs a position"],
        );
        let marks = "deep/units".to_owned();
        refused(Plan { marks, ..plan() }, &["deep/units", "another type"]);
        assert!(fs::read(path).unwrap() == before);
    });
}

fn vector<T: H5Type>(file: &hdf5::File, name: &str, length: usize) -> Dataset {
    file.new_dataset::<T>().shape(length).create(name).unwrap()
}

#[test]
fn marks_of_other_kinds_are_not_read() {
    let directory = tempfile::tempdir().unwrap();
    let file = file_access::create(directory.path().join("marks.h5")).unwrap();
    for dataset in [
        vector::<u8>(&file, "short", 9),
        vector::<i8>(&file, "signed", 10),
    ] {
        let error = line(&Marks::read(&dataset, 10).unwrap_err());
        assert!(error.contains("vector of 10 marks"), "{error}");
    }
    let vast = file.new_dataset::<u8>().chunk(1 << 20).shape(1_usize << 60);
    let error = line(&Marks::read(&vast.create("vast").unwrap(), 1 << 60).unwrap_err());
    assert!(error.contains("damaged"), "{error}");
    let marks = vector::<u8>(&file, "marks", 10);
    set_marks(&marks, &[2, 3, 9].into_iter().collect(), 200).unwrap();
    let read = Marks::read(&marks, 10).unwrap();
    assert_eq!(indices(&read.of(200)), [2, 3, 9]);
    assert!(read.of(DONE).is_empty() && read.of(OPEN).is_empty());
}

#[test]
fn rows_that_cannot_be_are_refused_and_cost_only_themselves() {
    both(|path, _| {
        let mut file = Writable::claim(path).unwrap();
        let mut store = RowStore::open(&mut file, plan(), IndexSet::new()).unwrap();
        let mut refused = |index, rows, words: &str| {
            let error = line(&store.write(index, rows).unwrap_err());
            assert!(error.contains(words) && error.contains(".h5"), "{error}");
        };
        refused(
            0,
            item(1),
            "item 0 brings units 2 to 4, which are not its own",
        );
        refused(9, item(1), "not its own");
        refused(0, Rows::done(1..1, datasets(1..1)), "not its own");
        let mut twice = item(0);
        twice.push(1..2, DONE, datasets(1..2));
        refused(0, twice, "or twice");
        refused(
            0,
            Rows::done(0..1, datasets(0..2)),
            "gave 144 bytes instead of 72",
        );
        refused(
            0,
            Rows::done(0..1, vec![vec![]; 3]),
            "gave 0 bytes instead of 72",
        );
        refused(0, Rows::done(0..1, vec![]), "0 datasets instead of 3");
        refused(0, Rows::marked(0..1, OPEN, datasets(0..1)), "never done");
        store.write(1, item(1)).unwrap();
        store.commit(&[1]).unwrap();
        assert_eq!(indices(store.complete()), [6, 7, 8, 9]);
    });
}

/// After an error, the sink refuses all, and marks nothing, also when the file would let it.
fn must_be_broken(store: &mut RowStore<'_>, path: &Path) {
    for outcome in [
        store.write(0, item(0)),
        store.commit(&[]),
        store.commit(&[0, 1]),
    ] {
        let error = line(&outcome.unwrap_err());
        assert!(error.contains("nothing more is written"), "{error}");
    }
    assert!(store.complete().is_empty());
    assert_eq!(read(path).1, [0; POSITIONS]);
}

#[test]
fn after_an_amendment_that_failed_nothing_is_marked() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("chunked.h5");
    create(&path, true);
    let mut file = Writable::claim(&path).unwrap();
    let mut store = RowStore::open(&mut file, plan(), IndexSet::new()).unwrap();
    store.write(1, item(1)).unwrap();
    let held = file_access::open_rw(&path).unwrap();
    let error = line(&store.commit(&[1]).unwrap_err());
    assert!(error.contains("still open for writing"), "{error}");
    drop(held);
    must_be_broken(&mut store, &path);
}

#[test]
fn rows_that_are_not_durable_are_never_marked() {
    let fails = |disk: File, words: &str| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("contiguous.h5");
        create(&path, false);
        let mut file = Writable::claim(&path).unwrap();
        let mut store = RowStore::open(&mut file, plan(), IndexSet::new()).unwrap();
        let Way::InPlace(in_place) = &mut store.way else {
            panic!("not in place");
        };
        let real = std::mem::replace(&mut in_place.file, disk);
        store.write(1, item(1)).unwrap();
        let error = line(&store.commit(&[1]).unwrap_err());
        assert!(error.contains(words), "{error}");
        let Way::InPlace(in_place) = &mut store.way else {
            panic!("not in place");
        };
        in_place.file = real;
        must_be_broken(&mut store, &path);
    };
    let open = |path: &str| File::options().write(true).open(path).unwrap();
    // It takes rows, and cannot force them to a disk.
    fails(open("/dev/null"), "Invalid argument");
    fails(open("/dev/full"), "No space left");
}

#[test]
fn a_run_in_place_changes_elements_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("contiguous.h5");
    create(&path, false);
    let opened = file_access::open(&path).unwrap();
    let place = |name: &str| {
        let dataset = opened.dataset(&format!("fits/first/{name}")).unwrap();
        let start = dataset.offset().unwrap() as usize;
        start..start + dataset.storage_size() as usize
    };
    let places = ["rows", "pieces", "deep/units", "deep/status"].map(place);
    drop(opened);
    let outside = || {
        let mut bytes = fs::read(&path).unwrap();
        for place in &places {
            bytes[place.clone()].fill(0);
        }
        bytes
    };
    let before = outside();
    let mut file = Writable::claim(&path).unwrap();
    let mut store = RowStore::open(&mut file, plan(), IndexSet::new()).unwrap();
    for index in [1, 0] {
        store.write(index, item(index)).unwrap();
        store.commit(&[index]).unwrap();
        // Also while the file is open: this is what a kill leaves.
        assert!(outside() == before, "item {index}");
    }
    assert!(read(&path) == (datasets(0..4), vec![1; POSITIONS]));
}

#[test]
fn rows_travel_between_ranks_as_they_are() -> Result<(), Cause> {
    let mut rows = item(0);
    rows.push(2..3, 9, vec![vec![], vec![1, 2, 3], vec![]]);
    let bytes = rows.to_bytes();
    assert_eq!(Rows::from_bytes(&bytes)?, rows);
    for length in 0..bytes.len() {
        assert!(Rows::from_bytes(&bytes[..length]).is_err(), "{length}");
    }
    Ok(())
}

#[test]
fn items_cover_all_positions_once() {
    for positions in [0, 1, 7, 1000] {
        for unit in [1, 2, 300] {
            for bytes in [0, 1 << 12, 1 << 30] {
                let partition = Partition::new(positions, unit, bytes);
                let mut next = 0;
                for item in 0..partition.items() {
                    let units = partition.units_of(item);
                    let positions = partition.positions_of(&units);
                    assert!(positions.start == next && !positions.is_empty());
                    next = positions.end;
                }
                assert_eq!(next, positions, "{partition:?}");
            }
        }
    }
    let small = Partition::new(1 << 20, 1, 8);
    assert_eq!((small.batch, small.items()), (4096, 256));
    assert_eq!(Partition::new(1 << 20, 1, 1 << 19).batch, 2);
}
