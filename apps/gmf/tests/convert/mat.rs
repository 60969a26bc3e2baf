//! What is written is read back, in every form.

use std::fs;

use jobwise_gmf::mat::MatFile;
use num_complex::Complex;

use super::mat_writer::{CLASS_TEXT, Mat, Order, STORAGE, Stored, bzip2};

/// A way to read an array.
type Read = fn(jobwise_gmf::mat::Array<'_>) -> jobwise_gmf::Result<()>;

/// Values that every kind of storage holds.
const VALUES: [f64; 5] = [0.0, 1.0, 5.0, 100.0, 127.0];

fn sample(order: Order, stored: Stored) -> Mat {
    let complex: Vec<(f64, f64)> = VALUES.iter().map(|&v| (v, 127.0 - v)).collect();
    Mat::new(order)
        .text("d_ExpInfo", "kst0 \u{e5}_\u{4e2d}")
        .array(&Mat::new(order).header(1, &[1, 1], "a_cell"))
        .real("d_parbl", stored, &VALUES)
        .real("x", stored, &VALUES[..1])
        .complex("d_raw", stored, &complex)
}

fn check(bytes: &[u8], case: &str) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.mat");
    fs::write(&path, bytes).unwrap();
    let mut file = MatFile::open(&path).unwrap();
    let mut names = Vec::new();
    while let Some(array) = file.next_array().unwrap() {
        let name = array.name().to_owned();
        match name.as_str() {
            "d_ExpInfo" => assert_eq!(array.text(100).unwrap(), "kst0 \u{e5}_\u{4e2d}", "{case}"),
            "d_parbl" => assert_eq!(array.numbers(5).unwrap(), VALUES, "{case}"),
            "x" => assert_eq!(array.numbers(5).unwrap(), VALUES[..1], "{case}"),
            "d_raw" => {
                assert!(array.is_vector());
                assert_eq!(array.count(), 5);
                let expected = VALUES.map(|v| Complex::new(v, 127.0 - v));
                assert_eq!(array.complex(3, |v| v).unwrap(), expected[..3], "{case}");
            }
            _ => {}
        }
        names.push(name);
    }
    assert_eq!(
        names,
        ["d_ExpInfo", "an array", "d_parbl", "x", "d_raw"],
        "{case}"
    );
}

#[test]
fn every_storage_order_and_packing() {
    for order in [Order::Little, Order::Big] {
        for stored in STORAGE {
            let case = format!("{order:?} {stored:?}");
            let plain = sample(order, stored);
            check(&plain.bytes, &case);
            check(&plain.deflated().bytes, &format!("{case} deflated"));
            check(&bzip2(&plain.bytes), &format!("{case} bzip2"));
            check(&bzip2(&plain.deflated().bytes), &format!("{case} both"));
        }
    }
}

#[test]
fn values_of_more_than_one_piece_keep_their_places() {
    let values: Vec<(f64, f64)> = (0..100_000)
        .map(|i| (f64::from(i), -f64::from(i)))
        .collect();
    let mat = Mat::new(Order::Little)
        .complex("d_raw", Stored::I32, &values)
        .real("after", Stored::F64, &[1.5]);
    for bytes in [mat.bytes.clone(), mat.deflated().bytes] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.mat");
        fs::write(&path, bytes).unwrap();
        let mut file = MatFile::open(&path).unwrap();
        let read = file
            .next_array()
            .unwrap()
            .unwrap()
            .complex(usize::MAX, |v| v);
        let expected: Vec<_> = values
            .iter()
            .map(|&(re, im)| Complex::new(re, im))
            .collect();
        assert!(read.unwrap() == expected);
        // What was not read is passed over.
        let mut file = MatFile::open(&path).unwrap();
        file.next_array().unwrap().unwrap();
        let after = file.next_array().unwrap().unwrap();
        assert_eq!(after.numbers(1).unwrap(), [1.5]);
        assert!(file.next_array().unwrap().is_none());
    }
}

#[test]
fn an_array_without_imaginary_part_is_real() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.mat");
    let mat = Mat::new(Order::Little).real("d_raw", Stored::F32, &[1.0, 2.0, 3.0]);
    fs::write(&path, mat.bytes).unwrap();
    let mut file = MatFile::open(&path).unwrap();
    let read = file.next_array().unwrap().unwrap().complex(9, |v| v as i16);
    assert_eq!(read.unwrap(), [1, 2, 3].map(|re| Complex::new(re, 0)));
}

#[test]
fn limits_and_kinds_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.mat");
    let mat = Mat::new(Order::Little)
        .text("t", "words")
        .real("r", Stored::F64, &VALUES)
        .complex("z", Stored::F64, &[(1.0, 2.0)]);
    let mut odd = mat.header(CLASS_TEXT, &[1, 2], "odd");
    odd.extend(mat.numbers(Stored::F64, &[1.0, 2.0]));
    fs::write(&path, mat.array(&odd).bytes).unwrap();
    let text: Read = |a| a.text(4).map(drop);
    let numbers: Read = |a| a.numbers(4).map(drop);
    let complex: Read = |a| a.complex(4, |v| v).map(drop);
    for (place, read, told) in [
        (0, text, "t: is a text of 5 characters, more than 4"),
        (0, numbers, "t: is no array of real numbers"),
        (0, complex, "t: is no array of numbers"),
        (1, text, "r: is no text"),
        (1, numbers, "r: has 5 values, more than 4"),
        (2, numbers, "z: is no array of real numbers"),
        (3, text, "odd: has more bytes than characters"),
    ] {
        let mut file = MatFile::open(&path).unwrap();
        for _ in 0..place {
            file.next_array().unwrap().unwrap();
        }
        let error = read(file.next_array().unwrap().unwrap())
            .unwrap_err()
            .to_string();
        assert!(error.contains(told), "{error}");
    }
}
