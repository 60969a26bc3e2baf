//! Integrations read back from a file.

use std::path::Path;

use jobwise_gmf::product::{Hdf5, Validity, read_rows, validate};
use jobwise_gmf::search::{Cube, Integration};
use jobwise_gmf::settings::Settings;
use jobwise_hdf5::file_access;

use crate::samples::{START, configuration, product, run};

/// All numbers of a row, bit by bit: NaN equals NaN.
fn bits(integration: &Integration) -> Vec<u64> {
    let Integration {
        gmf,
        gmf_zero_frequency,
        range_rate_index,
        acceleration_index,
        tx_power,
        range_peak,
        range_rate_peak,
        acceleration_peak,
        gmf_peak,
        cube,
    } = integration;
    let floats = gmf.iter().chain(gmf_zero_frequency);
    let indices = range_rate_index.iter().chain(acceleration_index);
    let doubles = [range_peak, range_rate_peak, acceleration_peak];
    floats
        .chain([tx_power, gmf_peak])
        .map(|x| u64::from(x.to_bits()))
        .chain(indices.map(|&i| i as u64))
        .chain(doubles.map(|x| x.to_bits()))
        .chain(cube.iter().flat_map(cells))
        .collect()
}

fn cells(cube: &Cube) -> Vec<u64> {
    let indices = [
        &cube.range_index,
        &cube.range_rate_index,
        &cube.acceleration_index,
    ];
    let powers = cube.power.iter().map(|x| u64::from(x.to_bits()));
    powers
        .chain(indices.into_iter().flatten().map(|&i| i as u64))
        .collect()
}

#[test]
fn every_bit_comes_back() {
    let directory = tempfile::tempdir().unwrap();
    let (experiment, settings) = configuration(directory.path());
    let run = run(&experiment, &settings);
    let path = directory.path().join("gmf-1.h5");
    let written = product(&run);
    written.write(&path, &run).unwrap();
    let rows = read_rows(&path, &run).unwrap().unwrap();
    let missing: Vec<u64> = rows.iter().map(|(_, missing)| *missing).collect();
    assert_eq!(missing, [0, 12]);
    for ((row, _), expected) in rows.iter().zip(&written.integrations) {
        assert_eq!(bits(row), bits(expected));
    }
}

#[test]
fn compressed_files_are_smaller_and_stand_for_plain_ones() {
    let directory = tempfile::tempdir().unwrap();
    let (experiment, settings) = configuration(directory.path());
    let plain = run(&experiment, &settings);
    let mut written = product(&plain);
    let pair = written.integrations.clone();
    written.integrations = pair.iter().cycle().take(40).cloned().collect();
    written.missing_samples = (0..40).collect();
    written.pointing = None;
    let size_with = |level: u8| {
        let run = run(&experiment, &settings).compression(level);
        let path = directory.path().join(format!("gmf-{level}.h5"));
        written.write(&path, &run).unwrap();
        // Whatever the run that asks would write itself.
        assert_eq!(validate(&path, &plain, 40), Validity::Complete);
        let rows = read_rows(&path, &plain).unwrap().unwrap();
        assert_eq!(rows.len(), 40);
        for ((row, _), expected) in rows.iter().zip(&written.integrations) {
            assert_eq!(bits(row), bits(expected));
        }
        let file = hdf5::File::open(&path).unwrap();
        for large in ["gmf", "range_rate_index", "sample_numbers"] {
            let is_chunked = file.dataset(large).unwrap().is_chunked();
            assert_eq!(is_chunked, level > 0, "{large}");
        }
        assert!(!file.dataset("tx_power").unwrap().is_chunked());
        std::fs::metadata(&path).unwrap().len()
    };
    let sizes = [0, 1, 9].map(size_with);
    assert!(sizes[2] <= sizes[1] && 3 * sizes[1] < sizes[0], "{sizes:?}");
}

#[test]
fn chunks_that_were_never_written_are_damage() {
    let directory = tempfile::tempdir().unwrap();
    let (experiment, settings) = configuration(directory.path());
    let run = run(&experiment, &settings);
    let path = directory.path().join("gmf-1.h5");
    product(&run).write(&path, &run).unwrap();
    let file = file_access::open_rw(&path).unwrap();
    file.unlink("gmf").unwrap();
    let gates = run.parameters().ranges.len();
    let builder = file.new_dataset::<f32>().chunk((1, gates)).deflate(1);
    let dataset = builder.shape((2, gates)).create("gmf").unwrap();
    dataset
        .write_slice(&vec![1_f32; gates], ndarray::s![0, ..])
        .unwrap();
    drop((dataset, file));
    let error = read_rows(&path, &run).unwrap_err().to_string();
    assert!(error.contains("gmf holds"), "{error}");
}

#[test]
fn rows_of_another_configuration_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (experiment, settings) = configuration(directory.path());
    let path = directory.path().join("gmf-1.h5");
    let written = run(&experiment, &settings);
    product(&written).write(&path, &written).unwrap();
    let settings = Settings {
        n_ipp: 10,
        ..settings
    };
    let error = read_rows(&path, &run(&experiment, &settings)).unwrap_err();
    assert!(error.to_string().contains("config_hash"), "{error}");
}

fn change(path: &Path, change: impl FnOnce(&hdf5::File)) {
    let file = file_access::open_rw(path).unwrap();
    change(&file);
    file.close().unwrap();
}

#[test]
fn what_is_not_as_written_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (experiment, settings) = configuration(directory.path());
    let run = run(&experiment, &settings);
    let path = directory.path().join("gmf-1.h5");
    for name in ["gmf", "range_rate_index", "tx_power", "missing_samples"] {
        product(&run).write(&path, &run).unwrap();
        change(&path, |file| file.unlink(name).unwrap());
        let absent = read_rows(&path, &run).unwrap_err().to_string();
        assert!(absent.contains(name), "{name}: {absent}");
        // Eight exabytes that were never allocated.
        change(&path, |file| {
            let shape = [1usize << 30, 1 << 31];
            let huge = file.new_dataset::<f32>().shape(shape).create(name);
            huge.unwrap();
        });
        let error = read_rows(&path, &run).unwrap_err().to_string();
        assert!(error.contains(name) || error.contains("holds"), "{error}");
        assert!(!error.contains('\n'), "{error}");
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn rows_of_the_peer_are_left_to_be_done_again() {
    let Some(reference) = jobwise_testing::reference("gmf") else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let (experiment, settings) = configuration(directory.path());
    let run = run(&experiment, &settings);
    let rate = product(&run).rate;
    let root = reference.join("A_gmf_fgmf_numpy");
    let path = jobwise_gmf::product::file_path(&root, START, rate, &Hdf5).unwrap();
    assert_eq!(read_rows(&path, &run).unwrap(), None);
}
