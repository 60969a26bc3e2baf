//! The converter against the output of hardtarget's.

use std::ops::Range;
use std::path::Path;
use std::process::Command;

use jobwise_gmf::dmd::{Metadata, Value};
use jobwise_gmf::drf::{Channel, Recording};
use jobwise_gmf::experiment::Experiment;
use num_complex::Complex;

#[test]
fn equals_the_reference() {
    let Some(reference) = jobwise_testing::reference("gmf") else {
        return;
    };
    let top = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_gmf"))
        .args(["convert", "eiscat", "-c", "1", "-n", "ours"])
        .arg(reference.join("eiscat_raw"))
        .arg(top.path())
        .output()
        .unwrap();
    let (said, warned) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert!(output.status.success(), "{warned}");
    for (text, told) in [
        (&said, "3 files, 51200000 samples"),
        (
            &said,
            "gaps between files: 1, 12800000 samples never recorded",
        ),
        (&said, "files too short: 1, 700 zeros"),
        (&said, "files too long: 1, 900 samples"),
        (&warned, "00000003.mat.bz2: 700 samples too short"),
        (&warned, "00000005.mat.bz2: 900 samples too long"),
        (
            &warned,
            "00000005.mat.bz2: 12800000 samples before it are missing",
        ),
    ] {
        assert!(text.contains(told), "no {told:?} in {text}");
    }
    assert_eq!(warned.lines().count(), 3, "{warned}");
    let (ours, theirs) = (top.path().join("ours"), reference.join("eiscat_drf"));
    same_samples(&ours, &theirs);
    same_pointing(&ours, &theirs);
    same_experiment(&ours, &theirs);
}

fn same_samples(ours: &Path, theirs: &Path) {
    let open = |path| Recording::open(path).unwrap();
    assert_eq!(open(ours).channels(), ["uhf"]);
    let [ours, theirs] = [ours, theirs].map(|path| open(path).channel("uhf").unwrap());
    let (a, b) = (ours.properties(), theirs.properties());
    assert_eq!(a, b);
    assert_eq!(ours.element().unwrap(), theirs.element().unwrap());
    let bounds = ours.bounds().unwrap().unwrap();
    assert_eq!(Some(bounds.clone()), theirs.bounds().unwrap());
    assert_eq!(bounds, 1_618_228_786_600_000..1_618_228_837_800_000);
    // Where a file is absent, hardtarget writes zeros; here nothing is recorded.
    let absent = 1_618_228_812_200_000..1_618_228_825_000_000_u64;
    let mut different = 0;
    for start in bounds.clone().step_by(1_000_000) {
        let count = (bounds.end - start).min(1_000_000) as usize;
        let read = |channel: &Channel, expected: &[Range<u64>]| {
            let mut samples = vec![Complex::<f32>::default(); count];
            let missing = channel.read(start, 0, &mut samples).unwrap();
            assert_eq!(missing, expected, "at {start}");
            samples
        };
        let gap = absent.start.max(start)..absent.end.min(start + count as u64);
        let gap = Some(gap).filter(|gap| !gap.is_empty());
        let (a, b) = (read(&ours, gap.as_slice()), read(&theirs, &[]));
        different += a.iter().zip(&b).filter(|(a, b)| a != b).count();
    }
    assert_eq!(different, 0);
}

/// hardtarget gives an interval the file that begins in it; here it gets the one that was recorded
/// during most of it: the one before the interval's end, as files begin 12.2 s after an interval
/// does.
fn same_pointing(ours: &Path, theirs: &Path) {
    let [ours, theirs] = [ours, theirs].map(|path| {
        let metadata = Metadata::open(path.join("pointing")).unwrap();
        let entries = metadata.range(0..=u64::MAX).unwrap();
        (metadata.properties().clone(), entries)
    });
    // The rate as a fraction in lowest terms; all else equal.
    assert_eq!(ours.0, theirs.0);
    let later: Vec<_> = theirs
        .1
        .into_iter()
        .map(|(index, entry)| (index + 1, entry))
        .collect();
    assert_eq!(ours.1, later);
    assert_eq!(ours.1[0].0, 126_424_124);
    assert_eq!(ours.1[0].1["azimuth"], Value::Float(42.0));
}

fn same_experiment(ours: &Path, theirs: &Path) {
    let [ours, theirs] = [ours, theirs].map(|path| {
        let mut experiment = Experiment::read(&path.join("metadata.ini")).unwrap();
        experiment.path.clear();
        experiment
    });
    assert_eq!(ours, theirs);
}
