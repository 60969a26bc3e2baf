//! The formats that are read.

use std::path::Path;

use jobwise_kit::h5::unlocked;
use jobwise_usid::format::{Scalar, Value};
use jobwise_usid::import::{Picture, Scale, Which, read};
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
    let stored = unlocked::create(&path).unwrap();
    data(&stored);
    drop(stored);
    assert_eq!(picture(&path).pixels, pixels);
    let stored = unlocked::open_rw(&path).unwrap();
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
    let stored = unlocked::create(&path).unwrap();
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
