//! The command, on small raw data.

use std::fs;
use std::path::Path;
use std::process::Command;

use jobwise_gmf::dmd::{Metadata, Value};
use jobwise_gmf::drf::Recording;
use jobwise_gmf::experiment::Experiment;
use num_complex::Complex;

use super::bench::{Ended, Running};
use super::mat_writer::{Mat, Order, Stored, bzip2};
use super::raw_data::{ORIGIN, RawFile};

fn gmf(directory: &Path, args: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gmf"));
    command
        .args(["convert", "eiscat"])
        .args(args)
        .current_dir(directory);
    Running::start(&mut command).end()
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> = entries
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_recording_is_made() {
    let top = tempfile::tempdir().unwrap();
    let at = top.path();
    RawFile::new(2).write(&at.join("raw"));
    let third = RawFile::new(3).write(&at.join("raw"));
    // Compressed twice, beside files that are none of ours.
    fs::remove_file(&third).unwrap();
    fs::write(
        third.with_extension("mat.bz2"),
        bzip2(&RawFile::new(3).mat().deflated().bytes),
    )
    .unwrap();
    fs::write(third.with_file_name("notes.mat"), "").unwrap();
    fs::create_dir(at.join("raw/other")).unwrap();

    let ended = gmf(at, &["raw", "made", "-c", "1", "--progress"]);
    assert!(ended.succeeded(), "{ended:?}");
    assert!(
        ended.stderr.contains("of 2 files converted done"),
        "{}",
        ended.stderr
    );
    for told in [
        "2 files, 25600000 samples, into made/raw_drf",
        "files too short: 2, 25599994 zeros written",
        "values beyond 16 bits: 2, clipped",
        "values that are no numbers: 2, written as 0",
    ] {
        assert!(ended.stdout.contains(told), "{}", ended.stdout);
    }
    assert_eq!(names(&at.join("made")), ["raw_drf"]);
    let made = at.join("made/raw_drf");
    assert_eq!(names(&made), ["metadata.ini", "pointing", "uhf"]);

    let channel = Recording::open(&made).unwrap().channel("uhf").unwrap();
    let start = (ORIGIN as u64) * 1_000_000 + 25_600_000;
    assert_eq!(channel.bounds().unwrap(), Some(start..start + 25_600_000));
    for (index, number) in [(start, 2.0), (start + 12_800_000, 3.0)] {
        let mut samples = vec![Complex::<f32>::default(); 4];
        assert_eq!(channel.read(index, 0, &mut samples).unwrap(), []);
        let expected = [
            (number, -number),
            (number, -number),
            (32767.0, 0.0),
            (0.0, 0.0),
        ];
        assert_eq!(samples, expected.map(|(re, im)| Complex::new(re, im)));
    }
    let experiment = Experiment::read(&made.join("metadata.ini")).unwrap();
    assert_eq!(
        (experiment.name.as_str(), experiment.version.as_str()),
        ("leo_bpark", "2.1u")
    );
    let bounds = experiment.bounds.unwrap();
    assert_eq!(bounds.start.as_deref(), Some("2021-04-12T11:59:46.600000"));
    assert_eq!(bounds.ts_end, Some(1_618_228_812.2));
    let pointing = Metadata::open(made.join("pointing")).unwrap();
    let entries = pointing.range(0..=u64::MAX).unwrap();
    let azimuths: Vec<_> = entries
        .iter()
        .map(|(_, entry)| entry["azimuth"].clone())
        .collect();
    assert_eq!(azimuths, [Value::Float(42.0), Value::Float(43.0)]);

    let again = gmf(at, &["raw", "made"]);
    again.must_refuse_soon("again", 1, &["made/raw_drf", "exists", "--name"]);
}

#[test]
fn a_dry_run_tells_and_writes_nothing() {
    let top = tempfile::tempdir().unwrap();
    let at = top.path();
    for number in [0, 2] {
        RawFile::new(number).write(&at.join("raw"));
    }
    let ended = gmf(at, &["raw", "made", "-n", "x", "--dry-run"]);
    assert!(ended.succeeded(), "{ended:?}");
    for told in [
        "leo_bpark 2.1u, 929.6 MHz",
        "uhf, 1000000 Hz",
        "2021-04-12T11:59:21.000000 UTC",
        "12800000 samples without a file",
        "2 files with more or less than 12800000 samples",
        "made/x",
    ] {
        assert!(ended.stdout.contains(told), "{}", ended.stdout);
    }
    assert_eq!(names(at), ["raw"]);
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_written() {
    let refuse = |files: &[RawFile], told: &[&str]| {
        let top = tempfile::tempdir().unwrap();
        for file in files {
            file.write(&top.path().join("raw"));
        }
        gmf(top.path(), &["raw", ".", "--strict"]).must_refuse_soon(told[0], 1, told);
        assert_eq!(names(top.path()), ["raw"], "{told:?}");
    };
    let with = |change: fn(&mut RawFile)| {
        let mut file = RawFile::new(3);
        change(&mut file);
        [RawFile::new(2), file]
    };
    refuse(
        &with(|f| f.end -= 12.8),
        &["00000003.mat", "before the end", "00000002.mat"],
    );
    refuse(
        &with(|f| f.end = ORIGIN),
        &["00000003.mat", "ends 0 s after the start of the recording"],
    );
    refuse(
        &with(|f| f.end = f64::NAN),
        &["00000003.mat", "NaN", "impossible"],
    );
    refuse(&with(|f| f.end = 1e300), &["00000003.mat", "impossible"]);
    refuse(
        &with(|f| f.frequency = 930.0),
        &["00000003.mat", "930 MHz", "929.6 MHz", "separately"],
    );
    refuse(
        &with(|f| f.frequency = -1.0),
        &["00000003.mat", "frequency -1 MHz"],
    );
    refuse(
        &with(|f| f.info = "kst0 leo_mpark_2.1u_NO"),
        &["00000003.mat", "leo_mpark 2.1u", "leo_bpark 2.1u"],
    );
    refuse(
        &with(|f| f.info = "kst0 beata_1.0_NO"),
        &["00000003.mat", "beata 1.0 is not known", "leo_bpark 2.2"],
    );
    refuse(&with(|f| f.info = "what"), &["00000003.mat", "\"what\""]);
}

#[test]
fn what_is_absent_or_damaged_is_not_recorded_and_costs_nothing_else() {
    let top = tempfile::tempdir().unwrap();
    let at = top.path();
    // After the third more than an hour is missing.
    for number in [2, 3, 4, 400] {
        RawFile::new(number).write(&at.join("raw"));
    }
    let damaged = at.join("raw/20210412_11/00000003.mat");
    let whole = fs::read(&damaged).unwrap();
    for (case, damage) in [("cut", &whole[..whole.len() / 2]), ("empty", &[])] {
        fs::write(&damaged, damage).unwrap();
        let strict = gmf(at, &["raw", ".", "-n", case, "--strict"]);
        strict.must_refuse_soon(case, 1, &["00000003.mat"]);
        let ended = gmf(at, &["raw", ".", "-n", case]);
        assert_eq!(ended.status, Some(3), "{ended:?}");
        assert!(ended.stderr.contains("00000003.mat"), "{ended:?}");
        assert!(ended.stdout.contains("gaps between files: 2"), "{ended:?}");
        let channel = Recording::open(at.join(case))
            .unwrap()
            .channel("uhf")
            .unwrap();
        let start = |number: u64| (ORIGIN as u64) * 1_000_000 + 12_800_000 * number;
        let file = 12_800_000;
        let stretches = channel.stretches(&(start(0)..start(500)), file).unwrap();
        let padded = |range: std::ops::Range<u64>| {
            range.start / 1_000_000 * 1_000_000..range.end.div_ceil(1_000_000) * 1_000_000
        };
        let expected = [2..3, 4..5, 400..401].map(|r| padded(start(r.start)..start(r.end)));
        assert_eq!(stretches, expected);
        let mut samples = vec![Complex::<f32>::default(); 1000];
        let missing = channel.read(start(3) - 500, 0, &mut samples).unwrap();
        let expected = start(3)..start(3) + 500;
        assert_eq!(missing, std::slice::from_ref(&expected));
    }
}

#[test]
fn other_input_is_refused() {
    let top = tempfile::tempdir().unwrap();
    let at = top.path();
    fs::create_dir(at.join("empty")).unwrap();
    gmf(at, &["absent", "."]).must_refuse_soon("absent", 1, &["absent"]);
    gmf(at, &["empty", "."]).must_refuse_soon(
        "empty",
        1,
        &["holds no raw data", "20210412_11/00000002.mat"],
    );
    gmf(at, &["empty", ".", "-n", "a/b"]).must_refuse_soon(
        "name",
        2,
        &["a/b", "without directories"],
    );
    gmf(at, &["empty", ".", "-n", ".."]).must_refuse_soon("name", 2, &[".."]);
    let level = gmf(at, &["empty", ".", "-c", "10"]);
    assert_eq!(level.status, Some(2), "{level:?}");

    let place = RawFile::new(0).write(&at.join("raw"));
    let real = |mat: Mat| mat.real("d_parbl", Stored::F64, &[0.0; 63]);
    let mat = || Mat::new(Order::Little);
    let whole = RawFile::new(0).mat().bytes;
    for (bytes, told) in [
        (mat().bytes, "it has no d_ExpInfo"),
        (mat().text("d_ExpInfo", "x").bytes, "it has no d_parbl"),
        (real(mat().text("d_ExpInfo", "x")).bytes, "it has no d_raw"),
        (
            real(mat().text("d_ExpInfo", "x"))
                .complex("d_raw", Stored::I8, &[])
                .bytes,
            "d_parbl has 63 values, not 64 or more",
        ),
        (
            real(mat().real("d_ExpInfo", Stored::I8, &[1.0])).bytes,
            "d_ExpInfo: is no text",
        ),
        (whole[..whole.len() - 9].to_vec(), "is cut off"),
        (b"nonsense".to_vec(), "is no MATLAB file"),
    ] {
        fs::write(&place, bytes).unwrap();
        gmf(at, &["raw", "."]).must_refuse_soon(told, 1, &["00000000.mat", told]);
    }
    assert_eq!(names(at), ["empty", "raw"]);
}

#[test]
fn killed_or_interrupted_it_leaves_nothing_that_looks_complete() {
    let top = tempfile::tempdir().unwrap();
    let at = top.path();
    for number in 0..40 {
        RawFile::new(number).write(&at.join("raw"));
    }
    for (signal, status) in [("INT", Some(130)), ("KILL", None)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gmf"));
        command
            .args(["convert", "eiscat", "raw", "."])
            .current_dir(at);
        let mut running = Running::start(&mut command);
        while !at.join(".raw_drf.partial/uhf").exists() {
            assert!(!running.is_over());
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        running.signal(signal);
        let ended = running.end();
        assert_eq!(ended.status, status, "{ended:?}");
        assert!(!at.join("raw_drf").exists());
        assert_eq!(at.join(".raw_drf.partial").exists(), signal == "KILL");
    }
    // The next run begins anew.
    for number in 2..40 {
        fs::remove_file(at.join(format!("raw/20210412_11/{number:08}.mat"))).unwrap();
    }
    assert!(gmf(at, &["raw", "."]).succeeded());
    assert_eq!(names(at), ["raw", "raw_drf"]);
    assert_eq!(
        names(&at.join("raw_drf")),
        ["metadata.ini", "pointing", "uhf"]
    );
}
