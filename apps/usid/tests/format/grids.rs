//! Dimensions found in the indices, whichever changes fastest.

use jobwise_usid::format::{Ancillary, Element, Scalar, Storage};
use ndarray::Array2;
use proptest::prelude::*;

use super::{dimension, main_of, scratch};

#[test]
fn the_order_of_columns_does_not_matter() {
    let (_directory, file) = scratch();
    let axes = [
        dimension("slow", 3),
        dimension("middle", 1),
        dimension("fast", 4),
    ];
    let main = main_of(
        &file,
        "Main",
        &Element::Real(Scalar::F32),
        &axes,
        &[dimension("arb", 1)],
        Storage::Contiguous,
    );
    let slowest_first = main.position_dimensions().unwrap();
    let lengths = |dimensions: &[jobwise_usid::format::Dimension]| -> Vec<(String, Vec<f64>)> {
        let one = |d: &jobwise_usid::format::Dimension| (d.name.clone(), d.values.clone());
        dimensions.iter().filter(|d| d.len() > 1).map(one).collect()
    };
    let expected = lengths(&axes);
    assert_eq!(lengths(&slowest_first), expected);
    // As old files have it: fastest first.
    for which in [Ancillary::PositionIndices, Ancillary::PositionValues] {
        let dataset = main.ancillary(which);
        let stored: Array2<f64> = dataset.read_2d().unwrap();
        let reversed = Array2::from_shape_fn(stored.dim(), |(j, k)| stored[(j, 2 - k)]);
        dataset.write(&reversed).unwrap();
        let labels = ["fast", "middle", "slow"].map(str::to_owned).to_vec();
        jobwise_usid::format::Value::Texts(labels)
            .write(dataset, "labels")
            .unwrap();
    }
    let main = jobwise_usid::format::Main::open(main.dataset()).unwrap();
    assert_eq!(lengths(&main.position_dimensions().unwrap()), expected);
}

#[test]
fn an_incomplete_grid_is_told_and_still_readable() {
    let (_directory, file) = scratch();
    let axes = [dimension("y", 3), dimension("x", 4)];
    let main = main_of(
        &file,
        "Main",
        &Element::Real(Scalar::F32),
        &axes,
        &[dimension("arb", 1)],
        Storage::Contiguous,
    );
    let indices = main.ancillary(Ancillary::PositionIndices);
    let mut stored: Array2<u32> = indices.read_2d().unwrap();
    for (entry, column, index) in [(11, 1, 2), (11, 0, 9), (0, 0, u32::MAX)] {
        let before = stored[(entry, column)];
        stored[(entry, column)] = index;
        indices.write(&stored).unwrap();
        let error = main.position_dimensions().unwrap_err().to_string();
        assert!(
            error.contains("Position_Indices") && error.contains("full grid"),
            "{error}"
        );
        stored[(entry, column)] = before;
    }
    let rows = main.entries(Ancillary::PositionValues, 4..6).unwrap();
    assert_eq!(rows, ndarray::arr2(&[[10.0, 0.0], [10.0, 10.0]]));
    assert!(main.entries(Ancillary::PositionValues, 4..13).is_err());
}

#[test]
fn nothing_measured_is_an_empty_grid() {
    let (_directory, file) = scratch();
    let main = main_of(
        &file,
        "Main",
        &Element::Real(Scalar::F32),
        &[dimension("x", 0)],
        &[dimension("t", 5)],
        Storage::Contiguous,
    );
    assert_eq!((main.positions(), main.width()), (0, 5));
    assert!(main.position_dimensions().unwrap()[0].is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_is_written_is_found(lengths in prop::collection::vec(2usize..40, 1..4), columns in 1usize..6) {
        let (_directory, file) = scratch();
        let named = |(k, &length): (usize, &usize)| dimension(&format!("d{k}"), length);
        let axes: Vec<_> = lengths.iter().enumerate().map(named).collect();
        let element = Element::Complex(Scalar::F64);
        let main = main_of(&file, "Main", &element, &axes, &[dimension("c", columns)], Storage::Unwritten);
        prop_assert_eq!(main.position_dimensions().unwrap(), axes);
        prop_assert_eq!(main.spectroscopic_dimensions().unwrap(), [dimension("c", columns)]);
    }
}
