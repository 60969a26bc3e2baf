use std::fs;

use jobwise_core::{Cause, Wire};

use super::*;

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

/// Neighbours that are written together, and are not alike.
#[test]
fn each_unit_has_its_own_mark_and_rows() {
    both(|path, _| {
        let mut file = Writable::claim(path).unwrap();
        let mut store = RowStore::open(&mut file, plan(), IndexSet::new()).unwrap();
        let mut rows = Rows::marked(2..3, 2, datasets(2..3));
        rows.push(3..4, 2, vec![vec![], vec![], datasets(3..4).remove(2)]);
        store.write(1, rows).unwrap();
        let mut rows = Rows::done(0..1, datasets(0..1));
        rows.push(1..2, 2, datasets(1..2));
        store.write(0, rows).unwrap();
        store.commit(&[0, 1]).unwrap();
        let (found, marks) = read(path);
        assert_eq!(marks, [1, 1, 1, 2, 2, 2, 2, 2, 2, 2]);
        let mut expected = datasets(0..4);
        expected[0][9 * 24..].fill(0);
        expected[1][9 * 160..].fill(0);
        assert!(found == expected);
    });
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
