//! The commands that read files and write files.

mod copies;
mod damage;
mod full_disk;
mod peer;
mod serve;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jobwise_frames::frame::{Frame, FrameType};
use jobwise_frames::input::{Options, open};
use jobwise_frames::object::{Compression, Time, Timestream, TimestreamMap, Units};
use jobwise_frames::output::Writer;
use jobwise_testing::{Ended, Running};

/// A directory with files of our own, and the program in it.
struct Bench(tempfile::TempDir);

impl Bench {
    /// With `a.g3`: an observation, a calibration and four scans.
    fn new() -> Bench {
        let bench = Bench(tempfile::tempdir().unwrap());
        bench.write("a.g3", &frames());
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, frames: &[Frame]) {
        let mut writer = Writer::create(self.path(name)).unwrap();
        for frame in frames {
            writer.write(frame).unwrap();
        }
        writer.finish().unwrap();
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// The program with these arguments, which are divided by blanks.
    fn run(&self, arguments: &str) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frames"));
        command
            .args(arguments.split(' '))
            .current_dir(self.0.path());
        Running::start(&mut command).end()
    }

    fn names(&self) -> Vec<String> {
        jobwise_testing::names(self.0.path())
    }
}

fn frames() -> Vec<Frame> {
    let mut observation = Frame::new(FrameType::OBSERVATION);
    observation.put("ObservationID", 1003i64);
    let mut calibration = Frame::new(FrameType::CALIBRATION);
    calibration.put("Words", "all is well");
    let scans = (0..4).map(scan);
    [observation, calibration]
        .into_iter()
        .chain(scans)
        .collect()
}

fn scan(number: i64) -> Frame {
    let mut frame = Frame::new(FrameType::SCAN);
    frame.put("ScanNumber", number);
    let samples = |factor: i64| (0..500).map(move |i: i64| i * i % 97 * factor - 40 * number);
    let timestream = |samples: jobwise_frames::object::Samples| {
        let (start, stop) = (Time(number * 1000), Time(number * 1000 + 499));
        Timestream::new(samples, Units::COUNTS, start, stop)
    };
    let mut map = TimestreamMap::new();
    let small: Vec<i32> = samples(3).map(|sample| sample as i32).collect();
    map.insert("small", timestream(small.into()));
    let wide: Vec<i64> = samples(1 << 20).collect();
    map.insert("wide", timestream(wide.into()));
    let mut floats: Vec<f64> = samples(1).map(|sample| sample as f64).collect();
    floats[7] = f64::NAN;
    map.insert("floats", timestream(floats.into()));
    let fractions: Vec<f64> = samples(1).map(|sample| sample as f64 / 3.0).collect();
    map.insert("fractions", timestream(fractions.into()));
    frame.put("Raw", map);
    frame.put("Name", "abc");
    frame
}

/// The frames of a file.
fn read(path: impl AsRef<Path>) -> Vec<Frame> {
    let frames = open(path, &Options::default()).unwrap();
    frames.map(|frame| frame.unwrap()).collect()
}

fn types(path: impl AsRef<Path>) -> String {
    let frames = read(path);
    frames
        .iter()
        .map(|frame| frame.kind().to_string())
        .collect()
}

/// How a timestream of the first scan is compressed.
fn compression(path: impl AsRef<Path>, name: &str) -> Option<Compression> {
    let frames = read(path);
    let scan = frames
        .iter()
        .find(|frame| frame.kind() == FrameType::SCAN)
        .unwrap();
    let map = scan.get_as::<TimestreamMap>("Raw").unwrap();
    map.get(name).unwrap().compression
}
