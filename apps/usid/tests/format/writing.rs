//! Main datasets of our own.

use hdf5::plist::dataset_create::{AllocTime, FillTime};
use jobwise_usid::format::{Axis, Dimension, Element, Scalar, Side, Storage};

use super::{dimension, main_of, scratch};

#[test]
fn new_datasets_are_zero_also_in_space_that_the_file_used_before() {
    for storage in [Storage::Contiguous, Storage::Gzip { level: 4 }] {
        let (_directory, file) = scratch();
        let ones = vec![1.0f64; 100_000];
        file.new_dataset_builder()
            .with_data(&ones)
            .create("ones")
            .unwrap();
        file.flush().unwrap();
        file.unlink("ones").unwrap();
        let axes = [dimension("x", 1000)];
        let main = main_of(
            &file,
            "Main",
            &Element::Real(Scalar::F64),
            &axes,
            &[dimension("t", 90)],
            storage,
        );
        let numbers: Vec<f64> = main.dataset().read_raw().unwrap();
        assert!(numbers.iter().all(|&x| x == 0.0), "{storage:?}");
    }
}

#[test]
fn datasets_lie_as_asked() {
    let (_directory, file) = scratch();
    let make = |name: &str, storage| {
        let axes = [dimension("x", 300)];
        main_of(
            &file,
            name,
            &Element::Complex(Scalar::F64),
            &axes,
            &[dimension("t", 1000)],
            storage,
        )
    };
    for (name, storage, fill) in [
        ("A", Storage::Contiguous, FillTime::Alloc),
        ("B", Storage::Unwritten, FillTime::Never),
    ] {
        let dataset = make(name, storage).dataset().clone();
        let plist = dataset.create_plist().unwrap();
        assert_eq!(
            (plist.alloc_time(), plist.fill_time()),
            (AllocTime::Early, fill)
        );
        assert_eq!(dataset.storage_size(), 300 * 1000 * 16);
        assert_eq!(dataset.chunk(), None);
    }
    let dataset = make("C", Storage::Gzip { level: 4 }).dataset().clone();
    // 1 MiB and a bit: whole rows of 16 kB.
    assert_eq!(dataset.chunk(), Some(vec![66, 1000]));
    assert_eq!(dataset.storage_size(), 0);
}

#[test]
fn a_grid_without_end_is_refused() {
    let (_directory, file) = scratch();
    let axes = [dimension("x", 70_000), dimension("y", 70_000)];
    let error = Axis::create(&file, "Position", Side::Position, &axes)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("Position_Indices") && error.contains("too many"),
        "{error}"
    );
    assert_eq!(file.len(), 0);
}

#[test]
fn a_name_that_is_taken_is_an_error() {
    let (_directory, file) = scratch();
    Axis::create(&file, "Position", Side::Position, &[dimension("x", 3)]).unwrap();
    let error = Axis::create(&file, "Position", Side::Position, &[dimension("x", 3)])
        .unwrap_err()
        .to_string();
    assert!(error.contains("/Position_Indices"), "{error}");
}

#[test]
fn values_are_wide_only_where_narrow_ones_would_be_the_same() {
    let (_directory, file) = scratch();
    let cases = [
        (vec![0.0, 0.1, 0.2], true),
        (vec![1e9, 1e9 + 1.0, 1e9 + 2.0], false),
        (vec![0.0, 1e-60], false),
        (vec![0.0, 1e60], false),
        (vec![f64::NAN, f64::INFINITY, 1.0, 1.0], true),
    ];
    for (k, (values, is_narrow)) in cases.into_iter().enumerate() {
        let dimension = [Dimension::new("t", "s", values.clone())];
        Axis::create(&file, &format!("{k}"), Side::Position, &dimension).unwrap();
        let stored = file.dataset(&format!("{k}_Values")).unwrap();
        assert_eq!(stored.dtype().unwrap().is::<f32>(), is_narrow, "{values:?}");
        let read: Vec<f64> = stored.read_raw().unwrap();
        assert!(is_narrow || read == values);
    }
}
