use super::*;
use crate::element::{Kind, read_column};

const ROWS: usize = 7;

/// A file with a dataset of these elements, all bytes of which differ.
fn stored(element: ElementType, columns: usize, is_chunked: bool) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("e.h5");
    let file = hdf5::File::create(&path).unwrap();
    let builder = file.new_dataset_builder();
    let builder = if is_chunked {
        builder.chunk((2, columns))
    } else {
        builder
    };
    let dataset = builder
        .empty_as(element.datatype().unwrap())
        .shape((ROWS, columns))
        .create("samples")
        .unwrap();
    let number = |at: usize| ((at * 37 + 11) % 100) as i8;
    macro_rules! fill {
        ($($kind:ident: $name:ty),*) => {
            match element.kind {
                $(Kind::$kind => {
                    let value = |at| number(at) as $name;
                    let count = ROWS * columns;
                    let shape = (ROWS, columns);
                    if element.is_complex {
                        let values = (0..count).map(|at| Complex::new(value(2 * at), value(2 * at + 1)));
                        let values = ndarray::Array2::from_shape_vec(shape, values.collect()).unwrap();
                        dataset.write(&values).unwrap();
                    } else {
                        let values = (0..count).map(value).collect();
                        let values = ndarray::Array2::from_shape_vec(shape, values).unwrap();
                        dataset.write(&values).unwrap();
                    }
                })*
            }
        };
    }
    fill!(I8: i8, I16: i16, I32: i32, I64: i64, U8: u8, U16: u16, U32: u32, U64: u64, F32: f32, F64: f64);
    file.flush().unwrap();
    (directory, path)
}

fn compare<T: Element>(element: ElementType, columns: usize) {
    let (_directory, path) = stored(element, columns, false);
    let file = hdf5::File::open(&path).unwrap();
    let dataset = file.dataset("samples").unwrap();
    let is_own = element.order == Order::Little;
    let found = Contiguous::of(&path, &dataset, ElementType::of(&dataset).unwrap());
    assert_eq!(found.is_some(), is_own, "{element}");
    let Some(found) = found else { return };
    for rows in [0..ROWS, 2..5, ROWS - 1..ROWS, 3..3] {
        for column in 0..columns {
            let expected = read_column::<T>(&dataset, element.is_complex, rows.clone(), column);
            let own = found.read_column::<T>(rows.clone(), column).unwrap();
            assert_eq!(own, expected.unwrap(), "{element}, {columns} columns");
        }
    }
}

#[test]
fn every_element_is_what_the_library_reads() {
    for order in [Order::Little, Order::Big] {
        for is_complex in [true, false] {
            for columns in [1, 3] {
                macro_rules! compared {
                    ($($kind:ident: $name:ty),*) => {$(
                        compare::<$name>(ElementType { kind: Kind::$kind, order, is_complex }, columns);
                    )*};
                }
                compared!(I8: i8, I16: i16, I32: i32, I64: i64, U8: u8, U16: u16, U32: u32, U64: u64, F32: f32, F64: f64);
            }
        }
    }
}

#[test]
fn what_only_the_library_can_read_is_left_to_it() {
    let element = ElementType {
        kind: Kind::I16,
        order: Order::Little,
        is_complex: true,
    };
    let found = |path: &Path, name| {
        let file = hdf5::File::open(path).unwrap();
        Contiguous::of(path, &file.dataset(name).unwrap(), element).is_some()
    };
    let (_directory, chunked) = stored(element, 1, true);
    assert!(!found(&chunked, "samples"));
    let (_directory, path) = stored(element, 1, false);
    assert!(found(&path, "samples"));
    // Never written to: it has no place yet.
    let file = hdf5::File::append(&path).unwrap();
    let builder = file
        .new_dataset_builder()
        .empty_as(element.datatype().unwrap());
    builder.shape((5, 1)).create("late").unwrap();
    drop(file);
    assert!(!found(&path, "late"));
}

#[test]
fn a_file_that_became_shorter_is_an_error() {
    let element = ElementType {
        kind: Kind::F64,
        order: Order::Little,
        is_complex: true,
    };
    let (_directory, path) = stored(element, 1, false);
    let file = hdf5::File::open(&path).unwrap();
    let dataset = file.dataset("samples").unwrap();
    let found = Contiguous::of(&path, &dataset, element).unwrap();
    let rest = File::options().write(true).open(&path).unwrap();
    rest.set_len(found.start + 40).unwrap();
    assert!(found.read_column::<f64>(0..2, 0).is_ok());
    let error = found.read_column::<f64>(0..ROWS, 0).unwrap_err();
    assert!(error.to_string().contains("e.h5"), "{error}");
    assert!(Contiguous::of(&path, &dataset, element).is_none());
}
