use std::fs;

use hdf5::types::VarLenUnicode;
use hdf5::{Dataset, H5Type};

use super::*;

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
