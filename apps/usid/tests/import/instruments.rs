//! Files as instruments and their programs write them.

use std::path::Path;

use hdf5::File;
use jobwise_hdf5::file_access;
use jobwise_usid::format::Value;
use jobwise_usid::import::{Picture, Scale, Which, read};
use ndarray::{Array2, Array3, Axis, arr2, s};
use tempfile::TempDir;

/// Another number everywhere, more columns than rows.
fn pixels() -> Array2<f64> {
    Array2::from_shape_fn((3, 4), |(row, column)| (10 * row + column) as f64)
}

/// An HDF5 file of this content.
fn stored(content: impl FnOnce(&File)) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let file = file_access::create(directory.path().join("a.h5")).unwrap();
    content(&file);
    drop(file);
    directory
}

fn picture(directory: &TempDir, which: &Which) -> Result<Picture, String> {
    read(&directory.path().join("a.h5"), which).map_err(|error| error.to_string())
}

fn found(directory: &TempDir) -> Picture {
    picture(directory, &Which::default()).unwrap()
}

fn put(file: &File, path: &str, numbers: &Array3<f64>) {
    let builder = file.new_dataset_builder().with_data(numbers);
    builder.create(path).unwrap();
}

fn scale(offset: f64, step: f64, units: &str) -> Scale {
    Scale {
        offset,
        step,
        units: Some(units.to_owned()),
    }
}

#[test]
fn pictures_of_velox_have_rows_columns_and_then_their_number() {
    let said = r#"{"BinaryResult": {"PixelSize": {"width": "2e-10", "height": "4e-10"},
        "Offset": {"x": "-1e-9", "y": "0"}, "PixelUnitX": "m", "PixelUnitY": "m"}}"#;
    for pictures in [1, 2] {
        let directory = stored(|file| {
            let group = file.create_group("Data").unwrap();
            let group = group.create_group("Image").unwrap();
            group.create_group("0123abcd").unwrap();
            let all = Array3::from_shape_fn((3, 4, pictures), |(row, column, number)| {
                pixels()[(row, column)] + 100.0 * number as f64
            });
            put(file, "Data/Image/0123abcd/Data", &all);
            let mut bytes = Array2::<u8>::zeros((1000, pictures));
            for (to, from) in bytes.column_mut(0).iter_mut().zip(said.bytes()) {
                *to = from;
            }
            let builder = file.new_dataset_builder().with_data(&bytes);
            builder.create("Data/Image/0123abcd/Metadata").unwrap();
        });
        let page = Which {
            page: Some(pictures - 1),
            ..Which::default()
        };
        let last = picture(&directory, &page).unwrap();
        assert_eq!(last.pixels, pixels() + 100.0 * (pictures - 1) as f64);
        let scales = [Some(scale(0.0, 4e-10, "m")), Some(scale(-1e-9, 2e-10, "m"))];
        assert_eq!(last.scales, scales);
        if pictures == 1 {
            assert_eq!(found(&directory).pixels, pixels());
        } else {
            let told = picture(&directory, &Which::default()).unwrap_err();
            assert!(told.contains("--page, from 0 to 1"), "{told}");
        }
    }
}

#[test]
fn pictures_of_ncem_are_turned_as_their_axes_say() {
    for names in [["y", "x"], ["x", "y"]] {
        let directory = stored(|file| {
            let group = file.create_group("data").unwrap();
            let group = group.create_group("lattice").unwrap();
            Value::from(1i64).write(&group, "emd_group_type").unwrap();
            let data = match names {
                ["y", _] => pixels(),
                _ => pixels().reversed_axes().as_standard_layout().into_owned(),
            };
            let shape = data.dim();
            let builder = group.new_dataset_builder().with_data(&data);
            builder.create("data").unwrap();
            for (number, (name, places)) in names.iter().zip([shape.0, shape.1]).enumerate() {
                let step = if *name == "x" { 0.5 } else { 0.25 };
                let values: Vec<f64> = (0..places).map(|k| 2.0 + step * k as f64).collect();
                let builder = group.new_dataset_builder().with_data(&values);
                let dim = builder
                    .create(format!("dim{}", number + 1).as_str())
                    .unwrap();
                Value::from(*name).write(&dim, "name").unwrap();
                Value::from("[n_m]").write(&dim, "units").unwrap();
            }
        });
        let found = found(&directory);
        assert_eq!(found.pixels, pixels(), "{names:?}");
        assert_eq!(
            found.scales,
            [Some(scale(2.0, 0.25, "nm")), Some(scale(2.0, 0.5, "nm"))]
        );
    }
}

#[test]
fn the_axis_that_counts_pictures_may_be_any() {
    for axis in 0..3 {
        let directory = stored(|file| {
            let all = ndarray::stack![Axis(axis), pixels(), pixels() * 2.0];
            put(file, "stack", &all.as_standard_layout().into_owned());
        });
        let which = Which {
            page: Some(1),
            axis: Some(axis),
            ..Which::default()
        };
        assert_eq!(picture(&directory, &which).unwrap().pixels, pixels() * 2.0);
        // An axis of one place is none, wherever it is.
        let directory = stored(|file| put(file, "one", &pixels().insert_axis(Axis(axis))));
        assert_eq!(found(&directory).pixels, pixels(), "{axis}");
    }
}

#[test]
fn arrays_of_numpy_have_their_pictures_along_any_axis() {
    for is_fortran in [false, true] {
        for axis in 0..3 {
            let all = ndarray::stack![Axis(axis), pixels(), pixels() * 2.0];
            let ordered = if is_fortran { all.t() } else { all.view() };
            let bytes: Vec<u8> = ordered.iter().flat_map(|x| x.to_le_bytes()).collect();
            let shape = format!("{:?}", all.dim());
            let (_directory, path) =
                super::file("a.npy", &super::npy("<f8", is_fortran, &shape, &bytes));
            let which = Which {
                page: Some(1),
                axis: Some(axis),
                ..Which::default()
            };
            assert_eq!(read(&path, &which).unwrap().pixels, pixels() * 2.0);
        }
    }
}

#[test]
fn truth_values_are_numbers() {
    let flags = arr2(&[[true, false, true], [false, false, true]]);
    let directory = stored(|file| {
        let builder = file.new_dataset_builder().with_data(&flags);
        builder.create("mask").unwrap();
    });
    let expected = flags.mapv(|flag| f64::from(u8::from(flag)));
    assert_eq!(found(&directory).pixels, expected);
}

#[test]
fn links_lead_to_pictures() {
    let directory = stored(|file| put(file, "real", &pixels().insert_axis(Axis(0))));
    let real = directory.path().join("real.h5");
    std::fs::rename(directory.path().join("a.h5"), real).unwrap();
    let master = |target: &str| {
        let file = file_access::create(directory.path().join("a.h5")).unwrap();
        let group = file.create_group("entry").unwrap();
        group.link_external(target, "/real", "data").unwrap();
        group.link_soft("/entry/data", "again").unwrap();
    };
    master("real.h5");
    assert_eq!(found(&directory).pixels, pixels());
    for name in ["/entry/data", "/entry/again", "/entry"] {
        let which = Which {
            dataset: Some(name.to_owned()),
            ..Which::default()
        };
        assert_eq!(picture(&directory, &which).unwrap().pixels, pixels());
    }
    master("gone.h5");
    let told = picture(&directory, &Which::default()).unwrap_err();
    assert!(told.contains("link") && told.contains("missing"), "{told}");
}

#[test]
fn packed_pictures_are_read_or_their_filter_is_named() {
    let pack = |file: &File, is_lzf: bool| {
        let numbers = pixels();
        let builder = file.new_dataset_builder().with_data(&numbers);
        let builder = builder.chunk((3, 4));
        let builder = if is_lzf {
            builder.lzf()
        } else {
            builder.blosc_zstd(5, true)
        };
        builder.create("packed").unwrap();
    };
    for is_lzf in [true, false] {
        let directory = stored(|file| pack(file, is_lzf));
        assert_eq!(found(&directory).pixels, pixels());
    }
    // A filter of another number and name.
    let directory = stored(|file| pack(file, true));
    let path = directory.path().join("a.h5");
    rename_filter(&path);
    let told = picture(&directory, &Which::default()).unwrap_err();
    assert!(
        told.contains("abc") && told.contains("HDF5_PLUGIN_PATH"),
        "{told}"
    );
    assert!(!told.contains("H5D"), "{told}");
}

/// Makes of lzf, filter 32000, filter 32100 with the name abc.
fn rename_filter(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let name = bytes.windows(4).position(|four| four == b"lzf\0").unwrap();
    bytes[name..name + 3].copy_from_slice(b"abc");
    let number = 32000u16.to_le_bytes();
    let from = name - 16;
    let at = bytes[from..name]
        .windows(2)
        .rposition(|two| two == number)
        .unwrap();
    bytes[from + at..][..2].copy_from_slice(&32100u16.to_le_bytes());
    std::fs::write(path, bytes).unwrap();
}

/// A TIFF file of one directory of these entries (tag, type, count, value), which begins at byte 8,
/// and of what follows on it.
fn tiff(entries: &[(u16, u16, u32, u32)], rest: &[u8]) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        bytes.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
        bytes.extend([count.to_le_bytes(), value.to_le_bytes()].concat());
    }
    bytes.extend([0; 4]);
    bytes.extend(rest);
    bytes
}

#[test]
fn a_stack_of_imagej_has_one_directory_for_all_pictures() {
    let said = b"ImageJ=1.53t\nimages=3\nunit=micron\n\0";
    // 10 entries end at byte 134.
    let (text, ratio) = (134, 134 + said.len() as u32);
    let data = ratio + 8;
    let entries = [
        (256, 4, 1, 4),
        (257, 4, 1, 3),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (270, 2, said.len() as u32, text),
        (273, 4, 1, data),
        (279, 4, 1, 12),
        (282, 5, 1, ratio),
        (283, 5, 1, ratio),
    ];
    let mut rest = said.to_vec();
    rest.extend([4u32, 1].map(u32::to_le_bytes).concat());
    rest.extend(0u8..36);
    let (_directory, path) = super::file("a.tif", &tiff(&entries, &rest));
    let page = |page| Which {
        page,
        ..Which::default()
    };
    let all = Array3::from_shape_fn((3, 3, 4), |(k, y, x)| (12 * k + 4 * y + x) as f64);
    for number in 0..3 {
        let found = read(&path, &page(Some(number))).unwrap();
        assert_eq!(found.pixels, all.slice(s![number, .., ..]));
        assert_eq!(
            found.scales,
            [Some(scale(0.0, 0.25, "um")), Some(scale(0.0, 0.25, "um"))]
        );
        assert!(found.warnings.is_empty());
    }
    let first = read(&path, &page(None)).unwrap();
    assert!(first.warnings[0].contains("--page"), "{:?}", first.warnings);
    let told = read(&path, &page(Some(3))).unwrap_err().to_string();
    assert!(told.contains("3 pictures"), "{told}");
}

#[test]
fn colours_in_planes_and_single_bits_are_read() {
    // Three numbers of bits, places and lengths of the planes lie behind the 9 entries.
    let entries = [
        (256, 4, 1, 3),
        (257, 4, 1, 2),
        (258, 3, 3, 122),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 3, 128),
        (277, 3, 1, 3),
        (279, 4, 3, 140),
        (284, 3, 1, 2),
    ];
    let mut rest = [8u16, 8, 8].map(u16::to_le_bytes).concat();
    rest.extend([152u32, 158, 164, 6, 6, 6].map(u32::to_le_bytes).concat());
    rest.extend(0u8..18);
    let (_directory, path) = super::file("planes.tif", &tiff(&entries, &rest));
    let found = read(&path, &Which::default()).unwrap();
    let expected = Array2::from_shape_fn((2, 3), |(row, column)| {
        let red = (3 * row + column) as f64;
        0.299 * red + 0.587 * (red + 6.0) + 0.114 * (red + 12.0)
    });
    assert_eq!(found.pixels, expected);
    // 10 columns of one bit: two bytes a row.
    let entries = [
        (256, 4, 1, 10),
        (257, 4, 1, 2),
        (258, 3, 1, 1),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 98),
        (279, 4, 1, 4),
    ];
    let (_directory, path) = super::file(
        "bits.tif",
        &tiff(&entries, &[0b1010_0000, 0x40, 0xff, 0xc0]),
    );
    let found = read(&path, &Which::default()).unwrap();
    let rows = [[1, 0, 1, 0, 0, 0, 0, 0, 0, 1], [1; 10]];
    assert_eq!(found.pixels, arr2(&rows).mapv(f64::from));
}
