//! A file as a laboratory has it, and results that are added to it.

use std::fs;
use std::path::Path;

use hdf5::file::LibraryVersion;
use hdf5::{Dataset, Group};

use super::h5::{Error, Result, attributes, file_access};

/// Both ways to store groups and attributes.
pub(crate) const LOWEST: [LibraryVersion; 2] = [LibraryVersion::Earliest, LibraryVersion::V110];

/// A file as a laboratory has it: raw data, attributes, a table in compressed chunks.
pub(crate) fn measured(path: &Path, lowest: LibraryVersion) {
    let mut options = hdf5::File::with_options();
    options.with_fapl(|access| access.libver_bounds(lowest, LibraryVersion::V110));
    let file = options.create(path).unwrap();
    let group = file.create_group("Measurement_000").unwrap();
    attributes::write_text(&group, "instrument", "microscope").unwrap();
    let raw: Vec<u32> = (0..40_000).collect();
    group
        .new_dataset_builder()
        .with_data(&raw)
        .create("Raw_Data")
        .unwrap();
    let table = group.new_dataset::<f64>().chunk((16, 4)).deflate(4);
    table
        .shape(vec![hdf5::Extent::resizable(32), hdf5::Extent::fixed(4)])
        .create("Table")
        .unwrap();
}

pub(crate) fn raw_data(path: &Path) -> Vec<u8> {
    let file = file_access::open(path).unwrap();
    let raw = file.dataset("Measurement_000/Raw_Data").unwrap();
    let (start, size) = (raw.offset().unwrap() as usize, raw.storage_size() as usize);
    fs::read(path).unwrap()[start..start + size].to_vec()
}

pub(crate) fn refused(name: &str) -> impl FnOnce(hdf5::Error) -> Error {
    Error::hdf5("file", name)
}

fn group_name(n: usize) -> String {
    format!("Measurement_000/Raw_Data-Fit_{n:03}")
}

/// Adds the results number `n`: a group, attributes, contiguous and compressed data.
pub(crate) fn add_results(file: &hdf5::File, n: usize) -> Result<()> {
    let name = group_name(n);
    let group = file.create_group(&name).map_err(refused(&name))?;
    attributes::write_text(&group, "tool", "jobwise")?;
    let values = vec![n as f64; 500];
    let create = |builder: hdf5::DatasetBuilder, name: &str| -> Result<Dataset> {
        builder
            .with_data(&values)
            .create(name)
            .map_err(refused(name))
    };
    create(group.new_dataset_builder(), "values")?;
    create(group.new_dataset_builder().chunk(128).deflate(6), "packed")?;
    attributes::write_text(&group, "state", &format!("complete {n}"))
}

fn text(group: &Group, name: &str) -> String {
    match attributes::find(group, name).unwrap() {
        Some(attributes::Value::Text(text)) => text,
        other => panic!("{name}: {other:?}"),
    }
}

/// Checks that all results in the file are whole; returns how many there are.
pub(crate) fn count_results(path: &Path) -> usize {
    let file = file_access::open(path).unwrap();
    let top = file.group("Measurement_000").unwrap();
    assert_eq!(text(&top, "instrument"), "microscope");
    let groups = top.groups().unwrap();
    for n in 0..groups.len() {
        let group = file.group(&group_name(n)).unwrap();
        assert_eq!(text(&group, "state"), format!("complete {n}"));
        for name in ["values", "packed"] {
            let values: Vec<f64> = group.dataset(name).unwrap().read_raw().unwrap();
            assert_eq!(values, vec![n as f64; 500]);
        }
    }
    groups.len()
}
