use std::fs;
use std::path::Path;

use jobwise_testing::names;

use super::*;
use crate::frame::{Frame, FrameType};
use crate::input;

pub(crate) fn frame(number: i64) -> Frame {
    let mut frame = Frame::new(FrameType::SCAN);
    frame.put("ScanNumber", number);
    frame.put(
        "Samples",
        (0..200).map(|i| (i * number) as f64).collect::<Vec<f64>>(),
    );
    frame
}

fn numbers(path: &Path) -> Vec<i64> {
    let frames = input::open(path, &input::Options::default()).unwrap();
    frames
        .map(|frame| *frame.unwrap().get_as::<i64>("ScanNumber").unwrap())
        .collect()
}

#[test]
fn files_of_every_form_hold_what_was_written() {
    let directory = tempfile::tempdir().unwrap();
    for form in ["g3", "g3.gz", "g3.bz2", "g3.xz", "g3.zst"] {
        let path = directory.path().join(format!("a.{form}"));
        let mut writer = Writer::create(&path).unwrap();
        for number in 0..5 {
            writer.write(&frame(number)).unwrap();
        }
        writer
            .write(&Frame::new(FrameType::END_PROCESSING))
            .unwrap();
        assert_eq!(writer.frames(), 5);
        assert!(!path.exists());
        writer.finish().unwrap();
        assert_eq!(numbers(&path), [0, 1, 2, 3, 4], "{form}");
    }
    assert_eq!(names(directory.path()).len(), 5);
}

#[test]
fn a_file_that_is_not_finished_does_not_appear() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.g3");
    let mut writer = Writer::create(&path).unwrap();
    writer.write(&frame(1)).unwrap();
    drop(writer);
    assert!(names(directory.path()).is_empty());
}

#[test]
fn frames_are_added_to_whole_plain_files_only() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.g3");
    for number in 0..3 {
        let mut writer = Writer::append(&path).unwrap();
        writer.write(&frame(number)).unwrap();
        writer.finish().unwrap();
    }
    assert_eq!(numbers(&path), [0, 1, 2]);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let error = Writer::append(&path).unwrap_err().to_string();
    assert!(
        error.contains("nothing is added, since frame 2 at byte"),
        "{error}"
    );
    let error = Writer::append(directory.path().join("a.g3.gz")).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("nothing can be added to files in gzip")
    );
}

#[test]
fn names_that_are_none_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let error = Writer::create(directory.path().join("a.txt")).unwrap_err();
    let error = error.to_string();
    assert!(error.contains("does not have the extension .g3"), "{error}");
    let path = directory.path().join("a.g3");
    fs::create_dir(&path).unwrap();
    assert!(Writer::create(&path).is_err());
}

#[test]
fn a_full_disk_is_an_error_and_a_device_stays_one() {
    // Whatever is written to it, there is no room.
    let mut writer = Writer::create("/dev/full").unwrap();
    let mut outcome = Ok(());
    for number in 0..1000 {
        outcome = writer.write(&frame(number));
        if outcome.is_err() {
            break;
        }
    }
    let error = outcome.unwrap_err().to_string();
    assert_eq!(error, "/dev/full: No space left on device (os error 28)");
    assert!(writer.write(&frame(1)).is_err());
    assert!(writer.finish().is_err());
    let mut writer = Writer::create("/dev/full").unwrap();
    writer.write(&frame(1)).unwrap();
    assert!(writer.finish().is_err());
}

/// The files that spt3g's writer of several files makes of the reference, by a limit of 15000
/// bytes, from frames of the same types and lengths.
#[test]
fn parts_are_those_of_the_reference() {
    let Some(expected) = jobwise_testing::reference("frames/pipeline_expected.json") else {
        return;
    };
    let text = fs::read_to_string(&expected).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let division = Division {
        bytes: Some(15_000),
        ..Division::default()
    };
    let pattern = directory.path().join("multi-%03u.g3");
    let mut parts = Parts::new(pattern, division).unwrap();
    let source = jobwise_testing::reference("frames/obs.g3").unwrap();
    for frame in input::open(source, &input::Options::default()).unwrap() {
        let frame = frame.unwrap();
        if frame.kind() == FrameType::CALIBRATION {
            parts.write(&frame).unwrap();
            // The pipeline that wrote the reference told of itself here.
            let mut info = Frame::new(FrameType::PIPELINE_INFO);
            info.put("info", "x".repeat(900));
            parts.write(&info).unwrap();
        } else {
            parts.write(&frame).unwrap();
        }
    }
    let files = parts.finish().unwrap();
    let expected = expected["multifile_15000"].as_object().unwrap();
    assert_eq!(files.len(), expected.len());
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let types = input::open(&path, &input::Options::default()).unwrap();
        let types: Vec<String> = types
            .map(|frame| frame.unwrap().kind().to_string())
            .collect();
        let expected: Vec<&str> = expected[name][1]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| t.as_str().unwrap())
            .collect();
        assert_eq!(types, expected, "{name}");
    }
}

#[test]
fn parts_begin_with_types_and_appear_together_where_that_is_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let pattern = directory.path().join("%d.g3");
    let division = Division {
        types: vec![FrameType::OBSERVATION],
        ..Division::default()
    };
    let mut parts = Parts::new(&pattern, division.clone()).unwrap().together();
    for kind in [
        FrameType::CALIBRATION,
        FrameType::OBSERVATION,
        FrameType::SCAN,
        FrameType::OBSERVATION,
    ] {
        parts.write(&Frame::new(kind)).unwrap();
    }
    assert_eq!(parts.written().len(), 3);
    assert!(!directory.path().join("0.g3").exists());
    let files = parts.finish().unwrap();
    let types = |path: &Path| -> String {
        let frames = input::open(path, &input::Options::default()).unwrap();
        frames
            .map(|frame| frame.unwrap().kind().to_string())
            .collect()
    };
    let all: Vec<String> = files.iter().map(|path| types(path)).collect();
    assert_eq!(all, ["C", "COS", "CO"]);
    let mut parts = Parts::new(&pattern, division).unwrap().together();
    parts.write(&Frame::new(FrameType::OBSERVATION)).unwrap();
    drop(parts);
    assert_eq!(names(directory.path()).len(), 3);
    let none = Division {
        bytes: Some(0),
        ..Division::default()
    };
    assert!(Parts::new(&pattern, none).is_err());
}
