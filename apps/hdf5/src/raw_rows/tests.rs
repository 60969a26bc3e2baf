use super::*;
use crate::element::{ElementType, Kind, Order};
use hdf5::types::{VarLenArray, VarLenUnicode};
use hdf5::{File, H5Type, ObjectReference1};
use num_complex::Complex;

/// A fit of one pixel: mixed sizes, with a hole between the members.
#[derive(H5Type, Clone, Copy, PartialEq, Debug, Default)]
#[repr(C)]
struct Fit {
    quality: u8,
    amplitude: f32,
    phase: f64,
}

#[derive(H5Type, Clone)]
#[repr(C)]
struct Note {
    pixel: u32,
    text: VarLenUnicode,
}

fn fits() -> Vec<Fit> {
    (0..12)
        .map(|i| Fit {
            quality: i,
            amplitude: f32::from(i) / 3.0,
            phase: -f64::from(i),
        })
        .collect()
}

fn file(directory: &tempfile::TempDir) -> File {
    crate::file_access::create(directory.path().join("raw.h5")).unwrap()
}

#[test]
fn compounds_go_out_and_come_back_bit_for_bit() {
    let directory = tempfile::tempdir().unwrap();
    let file = file(&directory);
    let grid = ndarray::Array2::from_shape_vec((4, 3), fits()).unwrap();
    let source = file
        .new_dataset_builder()
        .with_data(&grid)
        .create("fits")
        .unwrap();
    let target = file
        .new_dataset::<Fit>()
        .chunk((2, 2))
        .shape((4, 3))
        .create("copy")
        .unwrap();
    let mut bytes = vec![7; 5];
    for rows in [2..4, 0..1, 1..2, 3..3] {
        read(&source, rows.clone(), &mut bytes).unwrap();
        assert_eq!(bytes.len(), rows.len() * 3 * size_of::<Fit>());
        write(&target, rows, &bytes, Transfer::Independent).unwrap();
    }
    assert_eq!(target.read_2d::<Fit>().unwrap(), grid);
}

#[test]
fn bytes_keep_the_byte_order_of_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = file(&directory);
    let element = ElementType {
        kind: Kind::F32,
        order: Order::Big,
        is_complex: true,
    };
    let dataset = file
        .new_dataset_builder()
        .empty_as(element.datatype().unwrap())
        .shape(2)
        .create("voltages")
        .unwrap();
    let sample = [1.5_f32, -2.0].map(f32::to_be_bytes).concat();
    write(&dataset, 1..2, &sample, Transfer::Independent).unwrap();
    let values: Vec<Complex<f32>> = dataset.read_raw().unwrap();
    assert_eq!(values, [Complex::new(0.0, 0.0), Complex::new(1.5, -2.0)]);
    let mut bytes = Vec::new();
    read(&dataset, 1..2, &mut bytes).unwrap();
    assert_eq!(bytes, sample);
}

#[test]
fn only_the_rows_named_change() {
    let directory = tempfile::tempdir().unwrap();
    let file = file(&directory);
    let dataset = file
        .new_dataset_builder()
        .with_data(&[1_u16, 2, 3, 4, 5])
        .create("counts")
        .unwrap();
    let bytes: Vec<u8> = [20_u16, 30]
        .into_iter()
        .flat_map(u16::to_ne_bytes)
        .collect();
    write(&dataset, 1..3, &bytes, Transfer::Collective).unwrap();
    write(&dataset, 5..5, &[], Transfer::Collective).unwrap();
    assert_eq!(dataset.read_raw::<u16>().unwrap(), [1, 20, 30, 4, 5]);
}

#[test]
fn what_cannot_be_copied_as_bytes_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = file(&directory);
    let group = file.create_group("names").unwrap();
    let create = |name: &str, it: hdf5::DatasetBuilderEmpty| {
        it.shape(2).create(&*format!("names/{name}")).unwrap();
    };
    create("text", file.new_dataset::<VarLenUnicode>());
    create("lists", file.new_dataset::<VarLenArray<f32>>());
    create("references", file.new_dataset::<ObjectReference1>());
    create("notes", file.new_dataset::<Note>());
    for name in ["text", "lists", "references", "notes"] {
        let dataset = group.dataset(name).unwrap();
        let mut bytes = Vec::new();
        for error in [
            read(&dataset, 0..1, &mut bytes).unwrap_err(),
            write(&dataset, 0..1, &[0; 8], Transfer::Independent).unwrap_err(),
        ] {
            let message = error.to_string();
            assert!(message.contains("cannot be copied as bytes"), "{message}");
            assert!(message.contains(name) && message.contains("raw.h5"));
        }
    }
    // Text of fixed length lies in place.
    let fixed = file
        .new_dataset::<hdf5::types::FixedAscii<4>>()
        .shape(2)
        .create("fixed")
        .unwrap();
    write(&fixed, 1..2, b"left", Transfer::Independent).unwrap();
    let mut bytes = Vec::new();
    read(&fixed, 0..2, &mut bytes).unwrap();
    assert_eq!(bytes, b"\0\0\0\0left");
}

#[test]
#[allow(clippy::reversed_empty_ranges)]
fn rows_and_bytes_that_do_not_fit_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = file(&directory);
    let dataset = file
        .new_dataset::<u16>()
        .shape((3, 2))
        .create("counts")
        .unwrap();
    let mut bytes = Vec::new();
    for rows in [2..4, 4..4, 2..1, 0..usize::MAX] {
        let message = read(&dataset, rows, &mut bytes).unwrap_err().to_string();
        assert!(message.contains("has 3 rows and not those of"), "{message}");
    }
    for given in [0, 7, 9] {
        for transfer in [Transfer::Independent, Transfer::Collective] {
            let error = write(&dataset, 0..2, &vec![1; given], transfer).unwrap_err();
            let expected = format!("{given} bytes were given for rows of 8 bytes");
            assert!(error.to_string().contains(&expected), "{error}");
        }
    }
    assert_eq!(dataset.read_raw::<u16>().unwrap(), [0; 6]);
    let scalar = file.new_dataset::<u8>().shape(()).create("scalar").unwrap();
    let message = read(&scalar, 0..1, &mut bytes).unwrap_err().to_string();
    assert!(message.contains("has no dimension"), "{message}");
}

#[test]
fn rows_of_a_dataset_may_have_many_dimensions() {
    let directory = tempfile::tempdir().unwrap();
    let file = file(&directory);
    let numbers: Vec<u16> = (0..4 * 3 * 2 * 5).collect();
    let grid = ndarray::Array4::from_shape_vec((4, 3, 2, 5), numbers.clone()).unwrap();
    let source = file.new_dataset_builder().with_data(&grid);
    let source = source.create("source").unwrap();
    let target = file.new_dataset::<u16>().chunk((1, 3, 2, 2)).deflate(1);
    let target = target.shape((4, 3, 2, 5)).create("target").unwrap();
    let mut bytes = Vec::new();
    for rows in [1..3, 0..1, 3..4, 2..2] {
        read(&source, rows.clone(), &mut bytes).unwrap();
        let here = &numbers[30 * rows.start..30 * rows.end];
        let here: Vec<u8> = here.iter().flat_map(|n| n.to_ne_bytes()).collect();
        assert!(bytes == here, "{rows:?}");
        write(&target, rows, &bytes, Transfer::Independent).unwrap();
    }
    assert_eq!(target.read_raw::<u16>().unwrap(), numbers);
}

#[test]
fn a_size_that_a_file_only_claims_is_no_allocation() {
    let directory = tempfile::tempdir().unwrap();
    let file = file(&directory);
    let claim = |name: &str, shape: (usize, usize)| {
        file.new_dataset::<u64>()
            .chunk((1, 1))
            .shape(shape)
            .create(name)
            .unwrap()
    };
    let mut bytes = Vec::new();
    let large = claim("large", (1 << 59, 1));
    let message = read(&large, 0..1 << 59, &mut bytes).unwrap_err();
    assert!(message.to_string().contains("memory"), "{message}");
    let larger = claim("larger", (1 << 40, 1 << 20));
    let message = read(&larger, 0..1 << 40, &mut bytes).unwrap_err();
    assert!(
        message.to_string().contains("more than memory"),
        "{message}"
    );
    assert_eq!(bytes.capacity(), 0);
}
