//! Damaged, foreign and malicious files: one clear error each, and no panic.

use std::path::{Path, PathBuf};

use jobwise_gmf::Error;
use jobwise_gmf::drf::{Channel, Order, Recording};
use jobwise_hdf5::file_access::open_rw;
use num_complex::Complex;

use crate::signal::{START, Storage, record};

/// A gapped channel and its second file.
fn channel() -> (tempfile::TempDir, PathBuf) {
    let top = tempfile::tempdir().unwrap();
    record::<i16>(top.path(), Order::Little, true, 1, Storage::Gapped);
    let file = top.path().join("2014-03-09T12-30-30/rf@1394368239.000.h5");
    assert!(file.is_file());
    (top, file)
}

fn read_all(directory: &Path) -> Result<(), Error> {
    let channel = Channel::open(directory)?;
    channel
        .read(START, 0, &mut vec![Complex::default(); 560])
        .map(drop)
}

/// Demands one line that names the file and says `what`.
#[track_caller]
fn assert_line(result: Result<(), Error>, file: &str, what: &str) {
    let line = result.unwrap_err().to_string();
    assert!(line.contains(file) && line.contains(what), "{line}");
    assert!(!line.contains('\n'), "{line}");
}

/// Replaces a dataset of a file.
fn replace(file: &Path, name: &str, make: impl Fn(&hdf5::File)) {
    let file = open_rw(file).unwrap();
    file.unlink(name).unwrap();
    make(&file);
}

fn put_index(file: &hdf5::File, rows: &[[u64; 2]]) {
    let rows = ndarray::arr2(rows);
    file.new_dataset_builder()
        .with_data(&rows)
        .create("rf_data_index")
        .unwrap();
}

#[test]
fn a_truncated_file() {
    let (top, file) = channel();
    let bytes = std::fs::read(&file).unwrap();
    // The last bytes are a checksum that readers of recordings pass over.
    for length in [0, 4, 100, bytes.len() / 2, bytes.len() - 20] {
        std::fs::write(&file, &bytes[..length]).unwrap();
        assert_line(read_all(top.path()), "rf@1394368239.000.h5", "");
        let bounds = Channel::open(top.path()).unwrap().blocks();
        assert_line(bounds.map(drop), "rf@1394368239.000.h5", "");
    }
}

#[test]
fn a_text_with_the_name_of_a_data_file() {
    let (top, file) = channel();
    std::fs::write(&file, "not HDF5").unwrap();
    assert_line(
        read_all(top.path()),
        "rf@1394368239.000.h5",
        "cannot be opened",
    );
}

#[test]
fn a_file_that_vanishes_after_it_was_listed() {
    let (top, file) = channel();
    let channel = Channel::open(top.path()).unwrap();
    let mut sample = [Complex::default()];
    channel.read(START, 0, &mut sample).unwrap();
    std::fs::remove_file(&file).unwrap();
    let result = channel.read(START, 0, &mut vec![Complex::default(); 560]);
    assert_line(result.map(drop), "rf@1394368239.000.h5", "No such file");
}

#[test]
fn a_dataset_of_another_type() {
    let (top, file) = channel();
    replace(&file, "rf_data", |file| {
        file.new_dataset::<f32>()
            .shape((67, 1))
            .create("rf_data")
            .unwrap();
    });
    assert_line(
        read_all(top.path()),
        "rf@1394368239.000.h5",
        "properties contradict",
    );
    replace(&file, "rf_data", |file| {
        let text = file.new_dataset::<hdf5::types::VarLenUnicode>();
        text.shape((67, 1)).create("rf_data").unwrap();
    });
    assert_line(
        read_all(top.path()),
        "rf@1394368239.000.h5",
        "elements of type",
    );
}

#[test]
fn datasets_of_another_shape() {
    let (top, file) = channel();
    for (rows, columns, what) in [
        (67, 2, "2 sub-channels"),
        (68, 1, "68 samples"),
        (1 << 60, 1, "samples in an interval"),
    ] {
        replace(&file, "rf_data", |file| {
            let builder = file.new_dataset::<Complex<i16>>().chunk((10, 1));
            builder.shape((rows, columns)).create("rf_data").unwrap();
        });
        assert_line(read_all(top.path()), "rf@1394368239.000.h5", what);
    }
    replace(&file, "rf_data", |file| {
        file.new_dataset::<Complex<i16>>()
            .shape(67)
            .create("rf_data")
            .unwrap();
    });
    assert_line(read_all(top.path()), "rf@1394368239.000.h5", "1 axes");
}

#[test]
fn a_missing_index() {
    let (top, file) = channel();
    replace(&file, "rf_data_index", |_| ());
    assert_line(
        read_all(top.path()),
        "rf@1394368239.000.h5",
        "rf_data_index",
    );
}

#[test]
fn an_index_that_lies() {
    let (top, file) = channel();
    let first = START + 34; // of this file, at 12:30:39
    let cases: [(&[[u64; 2]], &str); 6] = [
        (&[[first, 0], [first + 20, 500]], "beyond rf_data"),
        (&[[first + 20, 0], [first, 20]], "not sorted"),
        (&[[first, 0], [first + 1, 30]], "overlaps"),
        (&[[u64::MAX, 0]], "beyond the file's interval"),
        (&[[0, 0]], "before the file's interval"),
        (&[], "is empty"),
    ];
    for (rows, what) in cases {
        replace(&file, "rf_data_index", |file| put_index(file, rows));
        assert_line(read_all(top.path()), "rf@1394368239.000.h5", what);
    }
    replace(&file, "rf_data_index", |file| {
        let builder = file.new_dataset::<u64>().chunk((100, 2));
        builder.shape((1 << 60, 2)).create("rf_data_index").unwrap();
    });
    assert_line(read_all(top.path()), "rf@1394368239.000.h5", "rows for");
}

#[test]
fn files_in_the_wrong_place() {
    let (top, file) = channel();
    let moved = file.with_file_name("rf@1394368240.000.h5");
    std::fs::copy(&file, &moved).unwrap();
    assert_line(
        read_all(top.path()),
        "rf@1394368240.000.h5",
        "wrong directory",
    );
    std::fs::rename(&moved, file.with_file_name("rf@1394368239.500.h5")).unwrap();
    assert_line(
        read_all(top.path()),
        "rf@1394368239.500.h5",
        "multiple of 1000 ms",
    );
}

#[test]
fn directories_that_are_no_channel() {
    let top = tempfile::tempdir().unwrap();
    assert_line(
        Recording::open(top.path()).map(drop),
        "",
        "no Digital RF channel",
    );
    assert_line(Channel::open(top.path()).map(drop), "", "drf_properties.h5");
    assert_line(
        Recording::open(top.path().join("absent")).map(drop),
        "absent",
        "",
    );
    let inside = top.path().join("rx0");
    record::<u8>(&inside, Order::Little, false, 1, Storage::Padded);
    let recording = Recording::open(top.path()).unwrap();
    assert_eq!(recording.channels(), ["rx0"]);
    assert_line(
        recording.channel("rx1").map(drop),
        "",
        "no channel \"rx1\", but rx0",
    );
    assert_line(
        Recording::open(&inside).map(drop),
        "rx0",
        "directory that contains it",
    );
    assert_line(
        Channel::open(&inside)
            .unwrap()
            .read(START, 1, &mut [Complex::default()])
            .map(drop),
        "rx0",
        "sub-channel 1",
    );
}

/// Rewrites one attribute of the properties file.
fn with_attribute(top: &Path, name: &str, make: impl Fn(&hdf5::File)) -> Result<(), Error> {
    let path = top.join("drf_properties.h5");
    let saved = std::fs::read(&path).unwrap();
    {
        let file = open_rw(&path).unwrap();
        file.delete_attr(name).unwrap();
        make(&file);
    }
    let result = read_all(top);
    std::fs::write(&path, saved).unwrap();
    result
}

#[test]
fn impossible_properties() {
    let (top, _) = channel();
    let put = |name: &'static str, value: u64, what: &str| {
        let result = with_attribute(top.path(), name, |file| {
            let attribute = file.new_attr::<u64>().create(name).unwrap();
            attribute.write_scalar(&value).unwrap();
        });
        assert_line(result, "drf_properties.h5", what);
    };
    put("H5Tget_class", 3, "H5Tget_class is 3");
    put("H5Tget_size", 3, "H5Tget_size is 3");
    put("num_subchannels", 0, "num_subchannels is 0");
    put("num_subchannels", u64::MAX, "num_subchannels");
    put("sample_rate_numerator", 0, "sample rate 0/3");
    put("sample_rate_denominator", u64::MAX, "sample rate");
    put("file_cadence_millisecs", 0, "files of 0 ms");
    put("file_cadence_millisecs", 7, "files of 7 ms");
    put("subdir_cadence_secs", u64::MAX, "directories of");
    put("is_complex", 2, "is_complex is 2");
    for name in [
        "H5Tget_class",
        "is_complex",
        "sample_rate_numerator",
        "num_subchannels",
    ] {
        let result = with_attribute(top.path(), name, |_| ());
        assert_line(
            result,
            "drf_properties.h5",
            &format!("@{name}: does not exist"),
        );
    }
    let text = with_attribute(top.path(), "H5Tget_size", |file| {
        let attribute = file
            .new_attr::<hdf5::types::VarLenUnicode>()
            .create("H5Tget_size");
        attribute
            .unwrap()
            .write_scalar(&"two".parse::<hdf5::types::VarLenUnicode>().unwrap())
            .unwrap();
    });
    assert_line(
        text,
        "drf_properties.h5",
        "H5Tget_size: is Text(\"two\"), not an integer",
    );
    std::fs::write(top.path().join("drf_properties.h5"), "text").unwrap();
    assert_line(read_all(top.path()), "drf_properties.h5", "");
}

#[test]
fn the_class_of_another_type() {
    let (top, _) = channel();
    let result = with_attribute(top.path(), "H5Tget_class", |file| {
        file.new_attr::<u64>()
            .create("H5Tget_class")
            .unwrap()
            .write_scalar(&1_u64)
            .unwrap();
    });
    assert_line(result, "rf@1394368238.000.h5", "properties contradict");
}

#[test]
fn older_and_newer_properties() {
    let (top, _) = channel();
    let path = top.path().join("drf_properties.h5");
    {
        let file = open_rw(&path).unwrap();
        file.delete_attr("digital_rf_version").unwrap();
        file.delete_attr("sample_rate_numerator").unwrap();
        file.delete_attr("sample_rate_denominator").unwrap();
        file.new_attr::<f64>()
            .create("samples_per_second")
            .unwrap()
            .write_scalar(&250.0)
            .unwrap();
    }
    let old = Channel::open(top.path()).unwrap();
    assert_eq!(old.properties().rate.numerator(), 250);
    assert_eq!(old.properties().version, None);
    let rename = top.path().join("metadata.h5");
    std::fs::rename(&path, &rename).unwrap();
    assert_eq!(
        Channel::open(top.path()).unwrap().properties(),
        old.properties()
    );
    let version = |text: &str| {
        let file = open_rw(&rename).unwrap();
        let _ = file.delete_attr("digital_rf_version");
        let value = text.parse::<hdf5::types::VarLenUnicode>().unwrap();
        let attribute = file.new_attr::<hdf5::types::VarLenUnicode>();
        attribute
            .create("digital_rf_version")
            .unwrap()
            .write_scalar(&value)
            .unwrap();
    };
    version("3.1");
    let warning = Channel::open(top.path())
        .unwrap()
        .properties()
        .warning()
        .unwrap();
    assert!(warning.contains("3.1 is newer"), "{warning}");
    version("1.0");
    assert_line(
        Channel::open(top.path()).map(drop),
        "metadata.h5",
        "too old",
    );
}
