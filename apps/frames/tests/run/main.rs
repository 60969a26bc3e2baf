//! The commands that distribute frames: `run` and `accumulate`; and `simulate`, which makes some.

mod accumulate;
mod filtered;
mod maps;
mod memory;
mod refusals;
mod simulate;

use std::path::{Path, PathBuf};
use std::process::Command;

use jobwise_frames::frame::Frame;
use jobwise_frames::input::{Options, open};
use jobwise_frames::output::Writer;
use jobwise_testing::{Ended, Running, names, reference};
use serde_json::{Value, json};

/// A directory in which commands run.
struct Bench(tempfile::TempDir);

impl Bench {
    fn new() -> Bench {
        Bench(tempfile::tempdir().unwrap())
    }

    /// With an observation of 24 scans in three files, of which `sky/list.json` is the list.
    fn simulated() -> Bench {
        let bench = Bench::new();
        let line = "simulate sky --detectors 4 --samples 200";
        assert_eq!(bench.frames(line).status, Some(0));
        bench
    }

    /// With `list.json`, the list of the reference files that are read side by side.
    fn reference() -> Option<(Bench, PathBuf)> {
        let data = reference("frames")?;
        let bench = Bench::new();
        let parts = [0, 1, 2].map(|part| data.join(format!("part000{part}.g3")));
        let list = json!([data.join("shared_cal.g3"), parts]);
        std::fs::write(bench.path("list.json"), list.to_string()).unwrap();
        Some((bench, data))
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

    /// Starts a command line, words between spaces, in this directory.
    fn start(&self, line: &str) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frames"));
        command.current_dir(self.0.path()).args(line.split(' '));
        Running::start(&mut command)
    }

    /// The same, to its end.
    fn frames(&self, line: &str) -> Ended {
        self.start(line).end()
    }

    /// The same, which succeeds.
    #[track_caller]
    fn well(&self, line: &str) -> Ended {
        let ended = self.frames(line);
        assert_eq!(ended.status, Some(0), "{line}: {}", ended.stderr);
        ended
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.path(name)).unwrap()).unwrap()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    fn read(&self, name: &str) -> Vec<Frame> {
        read(&self.path(name))
    }

    /// What is in it, without what is hidden.
    fn names(&self) -> Vec<String> {
        names(self.0.path())
    }
}

fn read(path: &Path) -> Vec<Frame> {
    let frames = open(path, &Options::default()).unwrap();
    frames.map(Result::unwrap).collect()
}
