//! Files that are damaged, foreign, or of another analysis.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jobwise_gmf::detection::NoiseFloor;
use jobwise_gmf::product::Products;
use jobwise_hdf5::amendment::Writable;
use jobwise_hdf5::file_access;
use tempfile::TempDir;

const SCENARIO: &str = "[Experiment]\nname = t\nversion = 1\nsample_rate = 100000\nipp = \
                        10000\nrx_channel = sim\n\
    tx_channel = sim\ntx_start = 100\ntx_end = 500\nrx_start = 0\nrx_end = 10000\nradar_frequency \
    = 929.6\n\
    [Target one]\nrange = 900000\nrange_rate = -1200\nacceleration = 120\nsnr = 3\n[Simulation]\n\
    epoch = 2021-04-12T12:00:00\nend_time = 0.4\nbaud_length = 20\ncode = random\nnoise_sigma = \
    1\ntx_amp = 100\n";

const CONFIGURATION: &str = "[signal-processing]\nn_ipp = 10\nmin_range_gate = \
                             290\nmax_acceleration = 200\n\
    min_acceleration = -200\nnum_cohints_per_file = 2\nmax_range_gate = ";

/// An analysis of two files of two integrations.
fn analysis(last_gate: u32) -> (TempDir, Vec<PathBuf>) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("s.ini"), SCENARIO).unwrap();
    fs::write(
        directory.path().join("c.ini"),
        format!("{CONFIGURATION}{last_gate}\n"),
    )
    .unwrap();
    for command in [
        "simulate drf s.ini rec",
        "analyze rec sim --config c.ini -o out",
    ] {
        let ended = Command::new(env!("CARGO_BIN_EXE_gmf"))
            .args(command.split(' '))
            .current_dir(directory.path())
            .output();
        assert!(ended.unwrap().status.success(), "{command}");
    }
    let mut files: Vec<PathBuf> = fs::read_dir(directory.path().join("out/2021-04-12T12-00-00"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert_eq!(files.len(), 2);
    (directory, files)
}

fn outcome(directory: &Path) -> Result<usize, String> {
    let read = || {
        let products = Products::open(&directory.join("out"), (None, None))?;
        Ok::<_, jobwise_gmf::Error>(NoiseFloor::read(&products)?.per_file.nrows())
    };
    read().map_err(|error| error.to_string())
}

#[track_caller]
fn must_say(directory: &Path, told: &[&str]) {
    let message = outcome(directory).unwrap_err();
    for word in told {
        assert!(message.contains(word), "no {word:?} in {message}");
    }
    assert!(!message.contains('\n'), "{message}");
}

#[test]
fn files_on_their_way_and_others_do_not_count() {
    let (directory, files) = analysis(300);
    let hour = files[0].parent().unwrap();
    fs::write(hour.join(".gmf-1.h5.tmp-host-1-0"), "half").unwrap();
    fs::write(hour.join("notes.txt"), "seen").unwrap();
    fs::create_dir(directory.path().join("out/figures")).unwrap();
    assert_eq!(outcome(directory.path()), Ok(2));
}

/// A file to be changed, without its checksum: the change itself is what is to be noticed.
fn unsealed(path: &Path) -> hdf5::File {
    let mut file = Writable::claim(path).unwrap();
    file.amend(|_| Ok::<_, jobwise_hdf5::Error>(())).unwrap();
    drop(file);
    file_access::open_rw(path).unwrap()
}

#[test]
fn damaged_files_are_named() {
    let (directory, files) = analysis(300);
    let whole = fs::read(&files[1]).unwrap();
    let name = files[1].file_name().unwrap().to_str().unwrap();
    for length in [0, 100, whole.len() / 2] {
        fs::write(&files[1], &whole[..length]).unwrap();
        must_say(directory.path(), &[name]);
    }
    for missing in [
        "gmf",
        "gmf_zero_frequency",
        "epoch_unix",
        "processing",
        "ranges",
        "tx_power",
    ] {
        fs::write(&files[1], &whole).unwrap();
        unsealed(&files[1]).unlink(missing).unwrap();
        must_say(directory.path(), &[name, missing]);
    }
    fs::write(&files[1], &whole).unwrap();
    let file = unsealed(&files[1]);
    file.unlink("tx_power").unwrap();
    file.new_dataset::<f32>()
        .shape([1])
        .create("tx_power")
        .unwrap();
    file.close().unwrap();
    must_say(
        directory.path(),
        &[name, "tx_power has 1 integrations, fewer than gmf"],
    );
}

/// A file of 100 kB that claims a dataset of 8 TB: nothing is allocated for it.
#[test]
fn lengths_are_checked_before_memory_is_taken() {
    let (directory, files) = analysis(300);
    let file = unsealed(&files[0]);
    file.unlink("gmf_zero_frequency").unwrap();
    file.new_dataset::<f32>()
        .chunk([1, 10])
        .shape([200_000_000_000, 10])
        .create("gmf_zero_frequency")
        .unwrap();
    file.close().unwrap();
    must_say(
        directory.path(),
        &["gmf_zero_frequency: claims 8000000000000 bytes"],
    );
}

#[test]
fn files_of_another_analysis_are_refused() {
    let (directory, files) = analysis(300);
    let (_other, others) = analysis(301);
    fs::copy(&others[1], &files[1]).unwrap();
    let name = files[1].file_name().unwrap().to_str().unwrap();
    must_say(
        directory.path(),
        &[
            name,
            "max_range_gate is",
            "give a directory of one analysis",
        ],
    );
    fs::rename(&files[1], files[1].with_file_name("gmf-yesterday.h5")).unwrap();
    must_say(
        directory.path(),
        &["gmf-yesterday.h5", "is not named after its start"],
    );
}
