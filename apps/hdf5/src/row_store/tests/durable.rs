use std::fs::{self, File};
use std::io;
use std::sync::{Arc, Mutex};

use super::*;
use crate::row_store::in_place::Disk;

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

/// The disk of a store in place.
fn disk_of<'s>(store: &'s mut RowStore<'_>) -> &'s mut Box<dyn Disk> {
    match &mut store.way {
        Way::InPlace(in_place) => &mut in_place.disk,
        Way::Amending(_) => panic!("not in place"),
    }
}

#[test]
fn rows_that_are_not_durable_are_never_marked() {
    let fails = |disk: &str, words: &str| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("contiguous.h5");
        create(&path, false);
        let mut file = Writable::claim(&path).unwrap();
        let mut store = RowStore::open(&mut file, plan(), IndexSet::new()).unwrap();
        let disk = File::options().write(true).open(disk).unwrap();
        let real = std::mem::replace(disk_of(&mut store), Box::new(disk));
        store.write(1, item(1)).unwrap();
        let error = line(&store.commit(&[1]).unwrap_err());
        assert!(error.contains(words), "{error}");
        *disk_of(&mut store) = real;
        must_be_broken(&mut store, &path);
    };
    // It takes rows, and cannot force them to a disk.
    fails("/dev/null", "Invalid argument");
    fails("/dev/full", "No space left");
}

/// What a disk was asked for: bytes at an offset, or `None` to force them.
type Asked = Arc<Mutex<Vec<Option<(u64, Vec<u8>)>>>>;

/// Takes everything, and remembers the order.
#[derive(Debug)]
struct Recorder(Asked);

impl Disk for Recorder {
    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.lock().unwrap().push(Some((offset, bytes.to_vec())));
        Ok(())
    }

    fn force(&self) -> io::Result<()> {
        self.0.lock().unwrap().push(None);
        Ok(())
    }
}

/// Of what was not forced, a machine that loses power keeps any part: here the marks alone.
#[test]
fn when_power_is_lost_what_is_marked_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("contiguous.h5");
    create(&path, false);
    let empty = fs::read(&path).unwrap();
    let marks = file_access::open(&path).unwrap();
    let marks = marks.dataset("fits/first/deep/status").unwrap();
    let marks = marks.offset().map(|first| first..first + POSITIONS as u64);
    let marks = marks.unwrap();
    let mut file = Writable::claim(&path).unwrap();
    let mut store = RowStore::open(&mut file, plan(), IndexSet::new()).unwrap();
    let asked = Asked::default();
    *disk_of(&mut store) = Box::new(Recorder(Arc::clone(&asked)));
    for index in [1, 0] {
        store.write(index, item(index)).unwrap();
        store.commit(&[index]).unwrap();
        assert_eq!(asked.lock().unwrap().last(), Some(&None), "{index}");
    }
    drop(store);
    drop(file);
    let asked = asked.lock().unwrap();
    let whole = datasets(0..4);
    let mut all_marks = Vec::new();
    for lost in 0..=asked.len() {
        let forced = asked[..lost].iter().rposition(Option::is_none).unwrap_or(0);
        let mut bytes = empty.clone();
        for (at, asked) in asked[..lost].iter().enumerate() {
            if let Some((offset, new)) = asked
                && (at < forced || marks.contains(offset))
            {
                bytes[*offset as usize..][..new.len()].copy_from_slice(new);
            }
        }
        let kept = directory.path().join("kept.h5");
        fs::write(&kept, bytes).unwrap();
        let (found, marks) = read(&kept);
        for position in (0..POSITIONS).filter(|&position| marks[position] == DONE) {
            let row = 24 * position..24 * (position + 1);
            assert!(found[0][row.clone()] == whole[0][row], "{lost}: {position}");
            let unit = 8 * (position / 3)..8 * (position / 3 + 1);
            assert!(
                found[2][unit.clone()] == whole[2][unit],
                "{lost}: {position}"
            );
        }
        all_marks.push(marks.iter().map(|&mark| usize::from(mark)).sum::<usize>());
    }
    // Before the first commit, after it, and at the end.
    all_marks.dedup();
    assert_eq!(all_marks, [0, 4, POSITIONS]);
}
