//! The commands `ls` and `dump`.

use std::path::Path;
use std::process::{Command, Output};

use jobwise_frames::frame::{Frame, FrameType};
use serde_json::Value as Json;

use crate::samples::frame_of_all_classes;

fn frames(arguments: &[&str], file: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frames"));
    command.args(arguments).arg(file).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Three frames: two scans around a frame of all classes.
fn file(directory: &Path) -> (std::path::PathBuf, Vec<u8>) {
    let mut scan = Frame::new(FrameType::SCAN);
    scan.put("ScanNumber", 7i64);
    scan.put("two words\n", "a\nb");
    let mut all = frame_of_all_classes();
    all.set_kind(FrameType(0x7879));
    let frames = [&scan, &all, &scan].map(|frame| frame.to_bytes().unwrap());
    let path = directory.join("a.g3");
    std::fs::write(&path, frames.concat()).unwrap();
    (path, frames.concat())
}

#[test]
fn ls_has_a_line_per_frame() {
    let directory = tempfile::tempdir().unwrap();
    let (path, bytes) = file(directory.path());
    let listed = frames(&["ls"], &path);
    assert!(listed.status.success());
    let lines: Vec<Vec<&str>> = text(&listed.stdout)
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(lines.len(), 3);
    let length = lines[0][2].parse::<usize>().unwrap();
    assert_eq!(lines[0][..2], ["0", "0"]);
    assert_eq!(lines[0][3..], ["S", "ScanNumber", "\"two", "words\\n\""]);
    assert_eq!(lines[1][..2], ["1", &length.to_string()]);
    assert_eq!(lines[1][3], "xy");
    assert_eq!(lines[2][1], (bytes.len() - length).to_string());
    // From standard input, which has no end mark of its own.
    let mut command = Command::new(env!("CARGO_BIN_EXE_frames"));
    let stdin = std::fs::File::open(&path).unwrap();
    let piped = command.args(["ls", "-"]).stdin(stdin).output().unwrap();
    assert_eq!(text(&piped.stdout), text(&listed.stdout));
}

#[test]
fn dump_shows_what_is_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let (path, _) = file(directory.path());
    let json = |arguments: &[&str]| -> Json {
        let dumped = frames(&[&["dump", "--json"], arguments].concat(), &path);
        assert!(dumped.status.success(), "{}", text(&dumped.stderr));
        serde_json::from_slice(&dumped.stdout).unwrap()
    };
    let types = |json: &Json| -> Vec<String> {
        let frames = json.as_array().unwrap().iter();
        frames
            .map(|frame| frame["type_char"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(types(&json(&[])), ["S", "xy", "S"]);
    assert_eq!(types(&json(&["--types", "Scan"])), ["S", "S"]);
    assert_eq!(types(&json(&["--types", "Map,xy"])), ["xy"]);
    assert_eq!(types(&json(&["--frames", "1..2"])), ["xy"]);
    assert_eq!(types(&json(&["--frames", "1.."])), ["xy", "S"]);
    assert_eq!(types(&json(&["--frames", "5.."])), Vec::<String>::new());
    let keys = json(&["--frames", "0", "--keys", "ScanNumber,none"]);
    let objects = keys[0]["objects"].as_object().unwrap();
    assert!(objects.keys().eq(["ScanNumber"]));
    assert_eq!(objects["ScanNumber"]["decoded"]["value"], 7);
    assert_eq!(keys[0]["order"][1], "two words\n");
    // For readers: a line for the frame, and one per object, whatever is in it.
    let page = frames(&["dump", "--frames", "0"], &path);
    assert_eq!(
        text(&page.stdout),
        "frame 0 at byte 0: S (Scan)\n  ScanNumber (G3Int): 7\n  \
         \"two words\\n\" (G3String): \"a\\nb\"\n"
    );
    let all = frames(&["dump"], &path);
    let lines = text(&all.stdout).lines().count();
    assert_eq!(lines, 3 + 4 + frame_of_all_classes().len());
    for wrong in ["--frames=x", "--types=abcde"] {
        assert_eq!(frames(&["dump", wrong], &path).status.code(), Some(2));
    }
}

/// A frame that is dropped has a number all the same: that which `ls` shows for those behind it.
#[test]
fn numbers_of_frames_are_those_of_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.g3");
    let kinds = [
        FrameType::OBSERVATION,
        FrameType::END_PROCESSING,
        FrameType::SCAN,
        FrameType::MAP,
    ];
    let file = kinds.map(|kind| Frame::new(kind).to_bytes().unwrap());
    std::fs::write(&path, file.concat()).unwrap();
    let listed = frames(&["ls"], &path);
    let line = text(&listed.stdout).lines().nth(1).unwrap();
    assert_eq!(line.split_whitespace().next(), Some("2"));
    let dumped = frames(&["dump", "--frames", "2"], &path);
    let shown = text(&dumped.stdout);
    assert!(shown.starts_with("frame 2 at byte") && shown.contains("(Scan)"));
    assert_eq!(shown.lines().count(), 1);
}

/// What has no name of a file has one in messages.
#[test]
fn damage_of_standard_input_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let (path, bytes) = file(directory.path());
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_frames"));
    let stdin = std::fs::File::open(&path).unwrap();
    let listed = command.args(["ls", "-"]).stdin(stdin).output().unwrap();
    assert_eq!(listed.status.code(), Some(1));
    let said = text(&listed.stderr);
    assert!(
        said.starts_with("frames: standard input: frame 2 at byte"),
        "{said}"
    );
}

#[test]
fn after_damage_the_list_is_closed() {
    let directory = tempfile::tempdir().unwrap();
    let (path, bytes) = file(directory.path());
    let first = Frame::length(&bytes, 0).unwrap().1;
    let damages: [(&str, Vec<u8>); 3] = [
        ("the file ends within", bytes[..bytes.len() - 1].to_vec()),
        ("checksum", {
            let mut bytes = bytes.clone();
            let last = bytes.len() - 10;
            bytes[last] ^= 1;
            bytes
        }),
        (
            "not a G3 file",
            [&bytes[..bytes.len() - first], b"text"].concat(),
        ),
    ];
    for (words, damaged) in damages {
        std::fs::write(&path, damaged).unwrap();
        let dumped = frames(&["dump", "--json"], &path);
        assert_eq!(dumped.status.code(), Some(1));
        let list: Vec<Json> = serde_json::from_slice(&dumped.stdout).unwrap();
        assert_eq!(list.len(), 2);
        let said = text(&dumped.stderr);
        assert!(
            said.contains("a.g3: frame 2 at byte") && said.contains(words),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1);
        let listed = frames(&["ls"], &path);
        assert_eq!(listed.status.code(), Some(1));
        assert_eq!(text(&listed.stdout).lines().count(), 2);
    }
    let missing = frames(&["dump", "--json"], &directory.path().join("no.g3"));
    assert_eq!((missing.status.code(), missing.stdout.len()), (Some(1), 0));
    for command in ["ls", "dump"] {
        let wrong = frames(&[command], &directory.path().join("a.txt"));
        assert_eq!(wrong.status.code(), Some(2));
    }
}
