//! The formats that are read.

use std::path::Path;

use jobwise_hdf5::file_access;
use jobwise_usid::format::{Scalar, Value};
use jobwise_usid::import::{Picture, Plan, Scale, Which, Wishes, read};
use ndarray::{Array2, arr2};
use tiff::encoder::{TiffEncoder, colortype};

use super::{file, npy};

fn picture(path: &Path) -> Picture {
    read(path, &Which::default()).unwrap()
}

fn page(page: usize) -> Which {
    Which {
        page: Some(page),
        ..Which::default()
    }
}

#[test]
fn arrays_of_either_order_and_any_type() {
    let expected = arr2(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let floats: Vec<u8> = (1..7u8).flat_map(|k| f32::from(k).to_le_bytes()).collect();
    let (_directory, path) = file("a.npy", &npy("<f4", false, "(2, 3)", &floats));
    assert_eq!(picture(&path).pixels, expected);
    let big: Vec<u8> = [1u16, 4, 2, 5, 3, 6]
        .iter()
        .flat_map(|k| k.to_be_bytes())
        .collect();
    let (_directory, path) = file("a.npy", &npy(">u2", true, "(2, 3)", &big));
    let found = picture(&path);
    assert_eq!(found.pixels, expected);
    assert_eq!(found.scalar.to_string(), "u16");
    let halves: Vec<u8> = [0x3c00u16, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600]
        .iter()
        .flat_map(|k| k.to_le_bytes())
        .collect();
    let (_directory, path) = file("a.npy", &npy("<f2", false, "(1, 2, 3)", &halves));
    assert_eq!(picture(&path).pixels, expected);
    let stack: Vec<u8> = (0..12).collect();
    let (_directory, path) = file("a.npy", &npy("|u1", false, "(2, 2, 3)", &stack));
    assert_eq!(
        read(&path, &page(1)).unwrap().pixels,
        expected.mapv(|x| x + 5.0)
    );
    assert!(read(&path, &page(2)).is_err());
    assert!(
        read(&path, &Which::default())
            .unwrap_err()
            .to_string()
            .contains("--page")
    );
}

#[test]
fn png_pictures() {
    let encode = |colour, depth, data: &[u8]| {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
        encoder.set_color(colour);
        encoder.set_depth(depth);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(data).unwrap();
        writer.finish().unwrap();
        file("a.png", &bytes)
    };
    let (_directory, path) = encode(
        png::ColorType::Grayscale,
        png::BitDepth::Sixteen,
        &[1, 2, 255, 255],
    );
    let grey = picture(&path);
    assert_eq!(grey.pixels, arr2(&[[258.0, 65535.0]]));
    assert!(grey.warnings.is_empty());
    let (_directory, path) = encode(
        png::ColorType::Rgba,
        png::BitDepth::Eight,
        &[255, 0, 0, 9, 10, 20, 30, 255],
    );
    let colour = picture(&path);
    assert!(
        (colour.pixels[(0, 0)] - 76.245).abs() < 1e-9
            && (colour.pixels[(0, 1)] - 18.15).abs() < 1e-9
    );
    assert!(colour.warnings[0].contains("luminance"));
    // Fewer than eight bits are not scaled.
    let (_directory, path) = encode(png::ColorType::Grayscale, png::BitDepth::Four, &[0xf0]);
    assert_eq!(picture(&path).pixels, arr2(&[[15.0, 0.0]]));
}

#[test]
fn tiff_pictures_and_pages() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.tif");
    let mut encoder = TiffEncoder::new(std::fs::File::create(&path).unwrap()).unwrap();
    encoder
        .write_image::<colortype::Gray32Float>(3, 2, &[0.5, 1.5, 2.5, 3.5, 4.5, -5.5])
        .unwrap();
    encoder
        .write_image::<colortype::Gray16>(1, 2, &[7, 65535])
        .unwrap();
    encoder
        .write_image::<colortype::RGB8>(1, 1, &[10, 20, 30])
        .unwrap();
    drop(encoder);
    let first = picture(&path);
    assert_eq!(first.pixels, arr2(&[[0.5, 1.5, 2.5], [3.5, 4.5, -5.5]]));
    assert_eq!(first.scalar, Scalar::F32);
    assert!(first.warnings[0].contains("--page"));
    let second = read(&path, &page(1)).unwrap();
    assert_eq!(second.pixels, arr2(&[[7.0], [65535.0]]));
    let third = read(&path, &page(2)).unwrap();
    assert!((third.pixels[(0, 0)] - 18.15).abs() < 1e-9);
    let error = read(&path, &page(3)).unwrap_err().to_string();
    assert!(error.contains("3 pages"), "{error}");
}

#[test]
fn datasets_of_hdf5_files() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.h5");
    let pixels = Array2::from_shape_fn((3, 4), |(row, column)| (10 * row + column) as f64);
    let data = |file: &hdf5::File| {
        file.create_group("scan").unwrap();
        file.new_dataset_builder()
            .with_data(&pixels)
            .create("scan/data")
            .unwrap();
        file.new_dataset_builder()
            .with_data(&[1.0, 2.0])
            .create("time")
            .unwrap();
    };
    let stored = file_access::create(&path).unwrap();
    data(&stored);
    drop(stored);
    assert_eq!(picture(&path).pixels, pixels);
    let stored = file_access::open_rw(&path).unwrap();
    let stack = ndarray::stack![ndarray::Axis(0), pixels, &pixels * 2.0];
    stored
        .new_dataset_builder()
        .with_data(&stack)
        .create("stack")
        .unwrap();
    drop(stored);
    let error = read(&path, &Which::default()).unwrap_err().to_string();
    assert!(
        error.contains("/scan/data, /stack") && error.contains("--dataset"),
        "{error}"
    );
    let mut which = Which {
        dataset: Some("stack".into()),
        page: Some(1),
        axis: None,
    };
    assert_eq!(read(&path, &which).unwrap().pixels, &pixels * 2.0);
    which.page = None;
    assert!(
        read(&path, &which)
            .unwrap_err()
            .to_string()
            .contains("--page, from 0 to 1")
    );
    which.dataset = Some("time".into());
    assert!(
        read(&path, &which)
            .unwrap_err()
            .to_string()
            .contains("shape [2]")
    );
    which.dataset = Some("nothing".into());
    assert!(
        read(&path, &which)
            .unwrap_err()
            .to_string()
            .contains("no dataset nothing")
    );
}

#[test]
fn what_hyperspy_says_of_a_picture() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.hspy");
    let stored = file_access::create(&path).unwrap();
    let experiment = stored
        .create_group("Experiments")
        .unwrap()
        .create_group("image")
        .unwrap();
    experiment
        .new_dataset_builder()
        .with_data(&arr2(&[[1.0f32, 2.0]]))
        .create("data")
        .unwrap();
    for (name, scale, units) in [("axis-0", 0.5, "nm"), ("axis-1", 0.25, "<undefined>")] {
        let axis = experiment.create_group(name).unwrap();
        Value::from(scale).write(&axis, "scale").unwrap();
        Value::from(2.0).write(&axis, "offset").unwrap();
        Value::from(units).write(&axis, "units").unwrap();
    }
    let signal = experiment
        .create_group("metadata")
        .unwrap()
        .create_group("Signal")
        .unwrap();
    Value::from("Counts (e)")
        .write(&signal, "quantity")
        .unwrap();
    drop((experiment, signal, stored));
    let found = picture(&path);
    let scale = |step, units: Option<&str>| {
        Some(Scale {
            offset: 2.0,
            step,
            units: units.map(str::to_owned),
        })
    };
    assert_eq!(found.scales, [scale(0.5, Some("nm")), scale(0.25, None)]);
    assert_eq!(
        found.quantity,
        [Some("Counts".to_owned()), Some("e".to_owned())]
    );
}

/// The file with every picture's smallest number white.
fn whitened(mut bytes: Vec<u8>, count_bytes: usize) -> Vec<u8> {
    let mut entry = vec![6, 1, 3, 0, 1];
    entry.resize(4 + count_bytes, 0);
    entry.extend([1, 0]);
    let places: Vec<usize> = (0..bytes.len() - entry.len())
        .filter(|&at| bytes[at..].starts_with(&entry))
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at + 4 + count_bytes] = 0;
    }
    bytes
}

#[test]
fn pictures_whose_smallest_number_is_white_keep_their_numbers_with_a_word() {
    macro_rules! check {
        ($($colour:ident: $t:ty),*) => {$({
            let numbers: [$t; 6] = [0 as $t, 1 as $t, 2 as $t, 100 as $t, <$t>::MAX, <$t>::MIN];
            for is_large in [false, true] {
                let mut bytes = std::io::Cursor::new(Vec::new());
                let image = |write: &mut dyn FnMut()| write();
                if is_large {
                    let mut encoder = TiffEncoder::new_big(&mut bytes).unwrap();
                    image(&mut || encoder.write_image::<colortype::$colour>(3, 2, &numbers).unwrap());
                } else {
                    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
                    image(&mut || encoder.write_image::<colortype::$colour>(3, 2, &numbers).unwrap());
                }
                let bytes = bytes.into_inner();
                let (_black, black) = file("black.tif", &bytes);
                let (_white, white) = file("white.tif", &whitened(bytes, if is_large { 8 } else { 4 }));
                let [black, white] = [picture(&black), picture(&white)];
                assert_eq!(white.pixels, black.pixels, "{}", stringify!($colour));
                assert_eq!(white.scalar, black.scalar);
                assert!(black.warnings.is_empty() && white.warnings[0].contains("MinIsWhite"));
            }
        })*};
    }
    check!(Gray8: u8, Gray16: u16, Gray32: u32, Gray64: u64, GrayI8: i8, GrayI16: i16, GrayI32: i32, GrayI64: i64,
        Gray32Float: f32, Gray64Float: f64);
}

#[test]
fn directories_in_circles_and_beyond_the_end_end() {
    for next in [8u32, 0xffff_fff0, 3] {
        let mut bytes = b"II*\0\x08\0\0\0\x01\0".to_vec();
        bytes.extend([6, 1, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend(next.to_le_bytes());
        let (_directory, path) = file("a.tif", &bytes);
        let error = read(&path, &page(70_000)).unwrap_err().to_string();
        assert!(error.contains("a.tif"), "{error}");
    }
}

#[test]
fn whole_numbers_beyond_2_to_the_53_are_told() {
    let numbers: Vec<u8> = [1u64 << 60, (1 << 60) + 1, 5, 6]
        .iter()
        .flat_map(|n| n.to_le_bytes())
        .collect();
    let (_directory, path) = file("a.npy", &npy("<u8", false, "(2, 2)", &numbers));
    let plan = |path: &Path| Plan::new(picture(path), &Wishes::default()).unwrap();
    let told = plan(&path).warnings().join("; ");
    assert!(told.contains("1 whole numbers beyond 2^53"), "{told}");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.h5");
    let stored = file_access::create(&path).unwrap();
    let pixels = arr2(&[[i64::MAX, 4], [5, -(1 << 60) - 1]]);
    stored
        .new_dataset_builder()
        .with_data(&pixels)
        .create("p")
        .unwrap();
    drop(stored);
    let told = plan(&path).warnings().join("; ");
    assert!(told.contains("2 whole numbers beyond 2^53"), "{told}");
}
