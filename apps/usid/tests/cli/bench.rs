//! A directory with files, and the program to run on them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use hdf5::Group;
use jobwise_hdf5::amendment::Writable;
use jobwise_hdf5::{file_access, raw_rows};
pub(crate) use jobwise_testing::{Ended, Running};
use tempfile::TempDir;

/// Where simulated results lie.
pub(crate) const CHANNEL: &str = "Measurement_000/Channel_000";

pub(crate) struct Bench {
    directory: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Bench {
        Bench {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// With `lines.h5`, simulated; without its checksum, as files of others are.
    pub(crate) fn with_lines(lines: usize, points: usize) -> Bench {
        let bench = Bench::new();
        jobwise_usid::simulate::lines_file(&bench.path("lines.h5"), lines, points).unwrap();
        let mut file = Writable::claim(bench.path("lines.h5")).unwrap();
        file.amend(|_| Ok::<_, jobwise_hdf5::Error>(())).unwrap();
        bench
    }

    /// A path in the directory the program runs in.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn copy(&self, from: &str, to: &str) {
        std::fs::copy(self.path(from), self.path(to)).unwrap();
    }

    /// The program, to be run in this bench's directory, as no launcher would start it.
    pub(crate) fn command<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_usid"));
        command
            .args(args)
            .current_dir(self.directory.path())
            .env_remove("OMPI_COMM_WORLD_SIZE")
            .env_remove("PMI_SIZE")
            .env_remove("SLURM_STEP_NUM_TASKS")
            .env_remove("RUST_BACKTRACE");
        command
    }

    pub(crate) fn run<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Ended {
        Running::start(&mut self.command(args)).end()
    }

    /// Runs it and expects success.
    #[track_caller]
    pub(crate) fn must(&self, args: &[&str]) -> Ended {
        let ended = self.run(args.iter().copied());
        assert!(ended.succeeded(), "{args:?}: {ended:?}");
        ended
    }

    /// The bytes of every dataset of numbers in a group of a file, and the attributes that do not
    /// tell the time.
    pub(crate) fn content(&self, file: &str, group: &str) -> Content {
        let file = file_access::open(self.path(file)).unwrap();
        let mut content = Content(BTreeMap::new());
        content.add("", &file.group(group).unwrap());
        content
    }
}

/// Bytes by name.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Content(pub(crate) BTreeMap<String, Vec<u8>>);

impl Content {
    fn add(&mut self, prefix: &str, group: &Group) {
        for (name, value) in jobwise_usid::format::attributes(group).unwrap() {
            if name != "timestamp" {
                let name = format!("{prefix}@{name}");
                self.0.insert(name, value.to_string().into_bytes());
            }
        }
        for dataset in group.datasets().unwrap() {
            let mut bytes = Vec::new();
            let rows = 0..dataset.shape()[0];
            raw_rows::read(&dataset, rows, &mut bytes).unwrap();
            let name = dataset.name().rsplit('/').next().unwrap().to_owned();
            self.0.insert(format!("{prefix}{name}"), bytes);
        }
        for inner in group.groups().unwrap() {
            let name = inner.name().rsplit('/').next().unwrap().to_owned();
            self.add(&format!("{prefix}{name}/"), &inner);
        }
    }

    /// Fails unless both hold the same.
    #[track_caller]
    pub(crate) fn must_equal(&self, other: &Content) {
        let names = |content: &Content| content.0.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(self), names(other));
        for (name, bytes) in &self.0 {
            assert!(*bytes == other.0[name], "{name} differs");
        }
    }
}
