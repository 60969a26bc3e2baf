mod senders;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;

use jobwise_testing::damaged;
use tempfile::TempDir;

use super::*;
use crate::frame::{Frame, FrameType};
use crate::output::Writer;

/// Four small frames.
fn frames() -> Vec<Frame> {
    (0..4)
        .map(|number: i64| {
            let mut frame = Frame::new(FrameType::SCAN);
            frame.put("ScanNumber", number);
            frame.put("Name", "abc");
            frame
        })
        .collect()
}

fn bytes_of(frames: &[Frame]) -> Vec<u8> {
    let bytes = frames.iter().map(|frame| frame.to_bytes().unwrap());
    bytes.flat_map(|bytes| bytes.to_vec()).collect()
}

/// A file of these frames, in the form that the name says.
fn written(directory: &TempDir, name: &str) -> PathBuf {
    let path = directory.path().join(name);
    let mut writer = Writer::create(&path).unwrap();
    for frame in frames() {
        writer.write(&frame).unwrap();
    }
    writer.finish().unwrap();
    path
}

/// The numbers of the frames before the end, and the error that made it.
fn read_with(path: &Path, options: &Options) -> (Vec<i64>, Option<String>) {
    match open(path, options) {
        Ok(input) => numbers(input),
        Err(error) => (Vec::new(), Some(error.to_string())),
    }
}

fn numbers(input: Input) -> (Vec<i64>, Option<String>) {
    let mut numbers = Vec::new();
    for frame in input {
        match frame {
            // In compressed files damage may be noticed only behind the frames that it changed.
            Ok(frame) => numbers.push(*frame.get_as::<i64>("ScanNumber").unwrap_or(&-1)),
            Err(error) => return (numbers, Some(error.to_string())),
        }
    }
    (numbers, None)
}

fn read(path: &Path) -> (Vec<i64>, Option<String>) {
    read_with(path, &Options::default())
}

/// As many frames as said, and then an error that names the file and says these words.
fn is_refused(path: &Path, count: i64, told: &[&str]) {
    let (numbers, error) = read(path);
    let name = path.file_name().unwrap().to_string_lossy();
    let error = error.unwrap_or_else(|| panic!("{name}: no error"));
    assert_eq!(numbers, (0..count).collect::<Vec<i64>>(), "{error}");
    for words in [&[&name[..]], told].concat() {
        assert!(
            error.contains(words),
            "{name}: {words:?} is not in {error:?}"
        );
    }
}

#[test]
fn damaged_plain_files_end_with_what_where_and_why() {
    let directory = TempDir::new().unwrap();
    let whole = bytes_of(&frames());
    // All frames have the same length.
    let each = whole.len() / 4;
    let at = |frame: usize, byte: usize| frame * each + byte;
    // The first name begins behind the head and its own length.
    let (name, blob) = (13 + 8, 13 + 8 + "ScanNumber".len());
    let changed = |at: usize, to: &[u8]| {
        let mut bytes = whole.clone();
        bytes[at..at + to.len()].copy_from_slice(to);
        bytes
    };
    let second = format!("frame 2 at byte {}", 2 * each);
    let big = u64::MAX.to_le_bytes();
    let cases: Vec<(&str, Vec<u8>, i64, Vec<&str>)> = vec![
        (
            "cut",
            whole[..at(2, 40)].to_vec(),
            2,
            vec![&second, "ends within the frame"],
        ),
        (
            "cut-in-head",
            whole[..at(2, 5)].to_vec(),
            2,
            vec![&second, "ends within the frame"],
        ),
        (
            "cut-by-one",
            whole[..whole.len() - 1].to_vec(),
            3,
            vec!["ends within the frame"],
        ),
        (
            "checksum",
            changed(at(3, 0) - 1, &[!whole[at(3, 0) - 1]]),
            2,
            vec![&second, "checksum"],
        ),
        (
            "blob",
            changed(at(2, blob + 30), &[0xaa]),
            2,
            vec![&second, "checksum"],
        ),
        (
            "name",
            changed(at(2, name), b"s"),
            2,
            vec![&second, "checksum"],
        ),
        (
            "version",
            changed(at(2, 1), &[2]),
            2,
            vec![&second, "version 2"],
        ),
        (
            "order",
            changed(at(2, 0), &[7]),
            2,
            vec![&second, "not a G3 file"],
        ),
        ("name-length", changed(at(2, 13), &big), 2, vec![&second]),
        ("blob-length", changed(at(2, blob), &big), 2, vec![&second]),
        ("count", changed(at(2, 5), &[255; 4]), 2, vec![&second]),
        (
            "garbage",
            [&whole[..], b"garbage"].concat(),
            4,
            vec!["frame 4 at byte"],
        ),
        (
            "zeros",
            [&whole[..], &[0; 512]].concat(),
            4,
            vec!["frame 4 at byte"],
        ),
        (
            "text",
            b"This is a text, and no file of frames.".to_vec(),
            0,
            vec!["not a G3 file"],
        ),
    ];
    for (name, bytes, count, told) in cases {
        let path = directory.path().join(format!("{name}.g3"));
        fs::write(&path, bytes).unwrap();
        is_refused(&path, count, &told);
    }
    is_refused(&directory.path().join("missing.g3"), 0, &["No such file"]);
    let path = directory.path().join("a.dat");
    fs::write(&path, &whole).unwrap();
    is_refused(&path, 0, &["does not have the extension .g3"]);
    is_refused(
        &directory.path().join("missing.dat"),
        0,
        &["does not have the extension .g3"],
    );
    let path = directory.path().join("directory.g3");
    fs::create_dir(&path).unwrap();
    is_refused(&path, 0, &["is a directory"]);
}

#[test]
fn damaged_compressed_files_are_errors() {
    let directory = TempDir::new().unwrap();
    for form in ["gz", "bz2", "xz", "zst"] {
        let name = |what: &str| directory.path().join(format!("{what}.g3.{form}"));
        let whole = fs::read(written(&directory, &format!("whole.g3.{form}"))).unwrap();
        let put = |what: &str, bytes: &[u8]| {
            fs::write(name(what), bytes).unwrap();
            name(what)
        };
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 0x10;
        let (numbers, error) = read(&put("flipped", &flipped));
        assert!(numbers.len() <= 4 && error.is_some(), "{form}: {numbers:?}");
        let (_, error) = read(&put("cut", &whole[..whole.len() / 2]));
        assert!(error.unwrap().contains("data are cut"), "{form}");
        // What is behind the last frame is the library's own checksum.
        let (_, error) = read(&put("cut-by-one", &whole[..whole.len() - 1]));
        assert!(error.unwrap().contains("data are cut"), "{form}");
        let mut wrong = whole.clone();
        // Of gzip the checksum stands before the length, of the others at the end.
        let last = whole.len() - if form == "gz" { 8 } else { 1 };
        wrong[last] ^= 0x55;
        assert!(read(&put("checksum", &wrong)).1.is_some(), "{form}");
        is_refused(&put("plain", &bytes_of(&frames())), 0, &["damaged"]);
        for junk in [&b"junk junk junk"[..], &[0; 3]] {
            let (numbers, error) = read(&put("junk", &[&whole[..], junk].concat()));
            assert!(numbers.len() <= 4 && error.is_some(), "{form} {junk:?}");
        }
        // Several members are one file.
        let path = put("twice", &[&whole[..], &whole[..]].concat());
        assert_eq!(read(&path), (vec![0, 1, 2, 3, 0, 1, 2, 3], None), "{form}");
        // Damage within is told with the place before compression.
        let path = name("inner");
        let mut bytes = bytes_of(&frames());
        let each = bytes.len() / 4;
        bytes[2 * each + 60] ^= 1;
        let plain = directory.path().join("inner.bin");
        fs::write(&plain, bytes).unwrap();
        compress(&plain, &path);
        let told = format!("frame 2 at byte {} before compression", 2 * each);
        is_refused(&path, 2, &[&told, "checksum"]);
        let options = Options {
            skips_damage: true,
            ..Options::default()
        };
        assert_eq!(read_with(&path, &options), (vec![0, 1, 3], None), "{form}");
    }
}

/// Any bytes, in the form that the name says.
fn compress(from: &Path, to: &Path) {
    let bytes = fs::read(from).unwrap();
    let file = fs::File::create(to).unwrap();
    match Form::of(to).unwrap() {
        Form::Plain => fs::write(to, bytes).unwrap(),
        Form::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::new(6));
            encoder.write_all(&bytes).unwrap();
            encoder.finish().unwrap();
        }
        Form::Bzip2 => {
            let mut encoder = bzip2::write::BzEncoder::new(file, bzip2::Compression::new(9));
            encoder.write_all(&bytes).unwrap();
            encoder.finish().unwrap();
        }
        Form::Xz => {
            let mut encoder = liblzma::write::XzEncoder::new(file, 6);
            encoder.write_all(&bytes).unwrap();
            encoder.finish().unwrap();
        }
        Form::Zstd => zstd::stream::copy_encode(&bytes[..], file, 3).unwrap(),
    }
}

#[test]
fn frames_behind_damage_are_read_where_that_is_asked_for() {
    let directory = TempDir::new().unwrap();
    let mut bytes = bytes_of(&frames());
    let each = bytes.len() / 4;
    bytes[each + 60] ^= 1;
    let path = directory.path().join("a.g3");
    fs::write(&path, &bytes).unwrap();
    let options = Options {
        skips_damage: true,
        ..Options::default()
    };
    let mut input = open(&path, &options).unwrap();
    let places: Vec<u64> = input
        .by_ref()
        .map(|frame| frame.unwrap().place().unwrap().frame)
        .collect();
    assert_eq!(places, [0, 2, 3]);
    assert_eq!(input.tally().damaged, 1);
    // A frame whose lengths do not hold ends it all the same.
    bytes[2 * each + 13] = 0xff;
    fs::write(&path, &bytes).unwrap();
    let (numbers, error) = read_with(&path, &options);
    assert_eq!(numbers, [0]);
    assert!(error.unwrap().contains("frame 2 at byte"));
}

#[test]
fn empty_files_and_ends_within_files_are_warnings_unless_strict() {
    let directory = TempDir::new().unwrap();
    let strict = Options {
        is_strict: true,
        ..Options::default()
    };
    for form in ["g3", "g3.gz", "g3.zst"] {
        let path = directory.path().join(format!("empty.{form}"));
        fs::write(&path, "").unwrap();
        let mut input = open(&path, &Options::default()).unwrap();
        assert!(input.next().is_none());
        assert_eq!(input.tally().empty, 1);
        let (_, error) = read_with(&path, &strict);
        assert!(error.unwrap().ends_with("there is no frame in it"));
    }
    let path = directory.path().join("end.g3");
    let mut all = frames();
    all.insert(2, Frame::new(FrameType::END_PROCESSING));
    fs::write(&path, bytes_of(&all)).unwrap();
    let mut input = open(&path, &Options::default()).unwrap();
    let places: Vec<u64> = input
        .by_ref()
        .map(|frame| frame.unwrap().place().unwrap().frame)
        .collect();
    assert_eq!(places, [0, 1, 3, 4]);
    assert_eq!((input.tally().frames, input.tally().ends), (5, 1));
    let (_, error) = read_with(&path, &strict);
    assert!(
        error
            .unwrap()
            .contains("EndProcessing frames have no place")
    );
}

#[test]
fn files_are_checked_before_the_first_one_is_read() {
    let directory = TempDir::new().unwrap();
    let (a, b) = (written(&directory, "a.g3"), written(&directory, "b.g3.xz"));
    let missing = directory.path().join("c.g3");
    let error = Files::new([&a, &b, &missing], &Options::default()).unwrap_err();
    assert!(error.to_string().contains("c.g3: No such file"));
    let mut files = Files::new([&a, &b], &Options::default()).unwrap();
    let all = files.by_ref().map(|frame| frame.unwrap());
    let all: Vec<(PathBuf, u64)> = all
        .map(|frame| {
            let place = frame.place().unwrap().clone();
            (place.file.to_path_buf(), place.frame)
        })
        .collect();
    assert_eq!(all.len(), 8);
    assert_eq!(all[3], (a, 3));
    assert_eq!(all[4], (b, 0));
    assert_eq!(files.tally().frames, 8);
    let error = check("tcp://nobody").unwrap_err().to_string();
    assert!(error.contains("tcp://HOST:PORT"), "{error}");
    check("-").unwrap();
}

#[test]
fn plain_files_can_be_streams() {
    let directory = TempDir::new().unwrap();
    let path = written(&directory, "a.g3");
    let options = Options {
        access: Access::Streamed,
        ..Options::default()
    };
    assert_eq!(read_with(&path, &options), (vec![0, 1, 2, 3], None));
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let (numbers, error) = read_with(&path, &options);
    assert_eq!(numbers, [0, 1, 2]);
    assert!(error.unwrap().contains("ends within the frame"));
}

#[test]
fn a_fifo_is_a_stream() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("any name");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    let to = path.clone();
    let sender = thread::spawn(move || fs::write(to, bytes_of(&frames())).unwrap());
    assert_eq!(read(&path), (vec![0, 1, 2, 3], None));
    sender.join().unwrap();
}

/// The law of damage: what is read without an error is what was written.
#[test]
fn mutated_compressed_files_are_read_as_they_were_or_refused() {
    let directory = TempDir::new().unwrap();
    let rounds = jobwise_testing::number("JOBWISE_DAMAGED").unwrap_or(250);
    for form in ["gz", "bz2", "xz", "zst"] {
        let whole = fs::read(written(&directory, &format!("whole.g3.{form}"))).unwrap();
        let path = directory.path().join(format!("mutated.g3.{form}"));
        let mut refused = 0;
        for seed in 0..rounds {
            let bytes = damaged(&whole, seed);
            fs::write(&path, &bytes).unwrap();
            let (numbers, error) = read(&path);
            refused += u64::from(error.is_some());
            let is_whole = numbers == [0, 1, 2, 3];
            // Some damage repeats the file, which is then twice as long.
            let is_twice = numbers == [0, 1, 2, 3, 0, 1, 2, 3];
            assert!(
                error.is_some() || is_whole || is_twice || bytes.is_empty(),
                "{form}, seed {seed}: {numbers:?}"
            );
        }
        assert!(refused > rounds / 2, "{form}: {refused} refused");
    }
}
