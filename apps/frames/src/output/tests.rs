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
    let error = Writer::create("/tmp/a.txt").unwrap_err().to_string();
    assert!(error.contains("does not have the extension .g3"), "{error}");
    let directory = tempfile::tempdir().unwrap();
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
