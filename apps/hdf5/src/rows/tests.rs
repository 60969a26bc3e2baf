use super::*;

const TABLE: Table<'static> = Table {
    group: "fits/first",
    dataset: "results",
    len: 10,
    width: 3,
    digest: "abc",
};

fn row(index: usize) -> Vec<f32> {
    (0..3).map(|k| (10 * index + k) as f32).collect()
}

fn indices(set: &IndexSet) -> Vec<usize> {
    (0..20).filter(|&index| set.contains(index)).collect()
}

/// The rows and the marks as any reader sees them.
fn read(path: &Path) -> (Vec<f32>, Vec<u8>) {
    let file = crate::file_access::open(path).unwrap();
    (
        file.dataset("fits/first/results")
            .unwrap()
            .read_raw()
            .unwrap(),
        file.dataset("fits/first/completed")
            .unwrap()
            .read_raw()
            .unwrap(),
    )
}

#[test]
fn rows_are_written_where_they_belong_and_marked_when_committed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("new/fits.h5");
    let mut sink = RowSink::open(&path, &TABLE).unwrap();
    for index in [4, 2, 3, 9, 0] {
        sink.write(index, row(index)).unwrap();
    }
    sink.commit(&[9, 2, 4]).unwrap();
    assert_eq!(indices(sink.complete()), [2, 4, 9]);
    drop(sink);

    let (rows, marks) = read(&path);
    let written = [0, 2, 3, 4, 9];
    let expected = (0..10).flat_map(|index| {
        if written.contains(&index) {
            row(index)
        } else {
            vec![0.0; 3]
        }
    });
    assert_eq!(rows, expected.collect::<Vec<_>>());
    assert_eq!(marks, [0, 0, 1, 0, 1, 0, 0, 0, 0, 1]);

    let mut sink = RowSink::<f32>::open(&path, &TABLE).unwrap();
    assert_eq!(indices(&sink.done(0..10).unwrap()), [2, 4, 9]);
    assert_eq!(indices(&sink.done(3..5).unwrap()), [4]);
    assert_eq!(indices(&sink.done(5..9).unwrap()), [0usize; 0]);
}

#[test]
fn many_rows_do_not_stay_in_memory() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("large.h5");
    let width = 1 << 20;
    let table = Table {
        len: 6,
        width,
        ..TABLE
    };
    let mut sink = RowSink::<u64>::open(&path, &table).unwrap();
    for index in 0..3 {
        sink.write(index, vec![index as u64; width]).unwrap();
        let kept: usize = sink.pending.values().map(|row| row.len() * 8).sum();
        assert!(kept < RowSink::<u64>::BUFFER, "{kept} bytes");
    }
    sink.commit(&[0, 1, 2]).unwrap();
    assert_eq!(indices(sink.complete()), [0, 1, 2]);
}

#[test]
fn other_parameters_shapes_and_types_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("fits.h5");
    drop(RowSink::<f32>::open(&path, &TABLE).unwrap());
    let refused = |table: Table<'_>, words: &[&str]| {
        let error = RowSink::<f32>::open(&path, &table).unwrap_err().to_string();
        assert!(error.contains("fits.h5"), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        for word in words {
            assert!(error.contains(word), "{word}: {error}");
        }
    };
    let digest = "abd";
    refused(Table { digest, ..TABLE }, &["abc", "abd", "parameters"]);
    refused(Table { len: 11, ..TABLE }, &["[10, 3]", "[11, 3]"]);
    refused(Table { width: 4, ..TABLE }, &["[10, 3]", "[10, 4]"]);
    let group = "fits/second";
    refused(Table { group, ..TABLE }, &["fits/second", "no such group"]);
    let dataset = "guesses";
    refused(Table { dataset, ..TABLE }, &["guesses", "no such dataset"]);
    let error = RowSink::<f64>::open(&path, &TABLE).unwrap_err().to_string();
    assert!(
        error.contains("float32") && error.contains("float64"),
        "{error}"
    );
    // Refusing changed nothing.
    RowSink::<f32>::open(&path, &TABLE).unwrap();
}

#[test]
fn impossible_tables_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("fits.h5");
    let open = |table| RowSink::<f32>::open(&path, &table).unwrap_err().to_string();
    assert!(open(Table { width: 0, ..TABLE }).contains("at least one element"));
    let len = usize::MAX / 8;
    assert!(open(Table { len, ..TABLE }).contains("more than a file can hold"));
    let error = RowSink::<hdf5::types::VarLenUnicode>::open(&path, &TABLE).unwrap_err();
    assert!(error.to_string().contains("variable length"), "{error}");
    assert!(!path.exists());
    // A table of no rows is possible.
    let mut sink = RowSink::<f32>::open(&path, &Table { len: 0, ..TABLE }).unwrap();
    sink.commit(&[]).unwrap();
    drop(sink);
    RowSink::<f32>::open(&path, &Table { len: 0, ..TABLE }).unwrap();
}

#[test]
fn files_of_others_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("fits.h5");
    let open = || RowSink::<u8>::open(&path, &TABLE).unwrap_err().to_string();

    fs::write(&path, "no HDF5").unwrap();
    assert!(open().contains("cannot be opened"), "{}", open());

    let make = |marks: [u8; 10], chunked: bool, digest: bool| {
        let file = crate::file_access::create(&path).unwrap();
        let group = file.create_group(TABLE.group).unwrap();
        let rows = group.new_dataset::<u8>().shape((10, 3));
        let rows = if chunked {
            rows.chunk((5, 3))
        } else {
            rows.no_chunk()
        };
        rows.alloc_time(Some(hdf5::plist::dataset_create::AllocTime::Early))
            .create(TABLE.dataset)
            .unwrap();
        let marked = group.new_dataset_builder().with_data(&marks);
        marked.create(COMPLETED).unwrap();
        if digest {
            crate::attributes::write_text(&group, DIGEST, "abc").unwrap();
        }
    };
    make([0; 10], false, false);
    assert!(open().contains("no attribute digest"), "{}", open());
    make([0; 10], true, true);
    assert!(open().contains("in place"), "{}", open());
    make([0, 1, 2, 0, 0, 0, 0, 0, 0, 0], false, true);
    assert!(open().contains("row 2 is marked 2"), "{}", open());
    make([0, 1, 0, 0, 0, 0, 0, 0, 0, 0], false, true);
    let sink = RowSink::<u8>::open(&path, &TABLE).unwrap();
    assert_eq!(indices(sink.complete()), [1]);
}

#[test]
fn rows_that_cannot_be_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("fits.h5");
    let mut sink = RowSink::open(&path, &TABLE).unwrap();
    let text = |outcome: Result<(), Cause>| outcome.unwrap_err().to_string();
    assert!(text(sink.write(10, row(1))).contains("none of index 10"));
    assert!(text(sink.write(1, vec![0.0; 2])).contains("2 elements instead of 3"));
    assert!(text(sink.commit(&[1])).contains("row 1 was not written"));
    sink.write(1, row(1)).unwrap();
    sink.commit(&[1]).unwrap();
    assert!(text(sink.write(1, row(1))).contains("complete already"));
    drop(sink);
    assert_eq!(read(&path).1.iter().sum::<u8>(), 1);
}

#[test]
fn a_file_has_one_writer() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("fits.h5");
    let first = RowSink::<f32>::open(&path, &TABLE).unwrap();
    let error = RowSink::<f32>::open(&path, &TABLE).unwrap_err().to_string();
    assert!(error.contains("another process is writing"), "{error}");
    // Others in the same directory are free.
    RowSink::<f32>::open(directory.path().join("other.h5"), &TABLE).unwrap();
    drop(first);
    RowSink::<f32>::open(&path, &TABLE).unwrap();
    // Nothing is left lying about.
    let mut names: Vec<_> = fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["fits.h5", "other.h5"]);
}

#[test]
fn what_a_killed_creation_left_is_removed() {
    let directory = tempfile::tempdir().unwrap();
    let left = directory.path().join(".fits.h5.tmp-1-0");
    let foreign = directory.path().join(".fit.h5.tmp-1-0");
    fs::write(&left, "half a file").unwrap();
    fs::write(&foreign, "of another file").unwrap();
    RowSink::<f32>::open(directory.path().join("fits.h5"), &TABLE).unwrap();
    assert!(!left.exists());
    assert!(foreign.exists());
}

#[test]
fn a_run_changes_elements_and_nothing_else() {
    /// The superblock's note that the file is open for writing, which readers of this version of it
    /// pass over.
    const OPEN_FLAG: usize = 20;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("fits.h5");
    let table = Table {
        len: 5000,
        width: 40,
        ..TABLE
    };
    let mut sink = RowSink::<f64>::open(&path, &table).unwrap();
    let place = |dataset: &Dataset| {
        let start = dataset.offset().unwrap() as usize;
        start..start + dataset.storage_size() as usize
    };
    let (rows, marks) = (place(&sink.rows), place(&sink.completed));
    let outside = || {
        let mut bytes = fs::read(&path).unwrap();
        bytes[rows.clone()].fill(0);
        bytes[marks.clone()].fill(0);
        bytes[OPEN_FLAG] = 0;
        bytes
    };
    let before = outside();
    for part in 0..5 {
        let fresh: Vec<usize> = (0..1000).map(|index| 5 * index + part).collect();
        for &index in &fresh {
            sink.write(index, vec![index as f64; 40]).unwrap();
        }
        sink.commit(&fresh).unwrap();
        // Also while the file is open: this is what a kill leaves.
        assert!(outside() == before, "part {part}");
    }
    drop(sink);
    assert!(outside() == before);
}

#[test]
fn of_many_that_want_to_write_one_may_at_a_time() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("fits.h5");
    let (holders, turns) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..3000 {
                    let Ok(lock) = Lock::take(&path) else {
                        continue;
                    };
                    assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0);
                    turns.fetch_add(1, Ordering::SeqCst);
                    std::thread::sleep(std::time::Duration::from_micros(50));
                    holders.fetch_sub(1, Ordering::SeqCst);
                    drop(lock);
                }
            });
        }
    });
    assert!(turns.into_inner() > 100);
}
