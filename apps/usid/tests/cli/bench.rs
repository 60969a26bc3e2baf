//! A directory with files, and the program to run on them.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use hdf5::Group;
use jobwise_hdf5::writable::Writable;
use jobwise_hdf5::{raw_rows, unlocked};
use tempfile::TempDir;

/// Longer than anything here takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

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
        drop(Writable::claim(bench.path("lines.h5")).unwrap());
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
        let file = unlocked::open(self.path(file)).unwrap();
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

/// The program at work.
pub(crate) struct Running {
    child: Child,
    started: Instant,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Running {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Running {
            started: Instant::now(),
            child: command.spawn().unwrap(),
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for the end; a program that hangs is killed and fails the test.
    pub(crate) fn end(mut self) -> Ended {
        while !self.is_over() {
            if self.started.elapsed() > PATIENCE {
                self.child.kill().unwrap();
                panic!("still running after {PATIENCE:?}");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let Output {
            status,
            stdout,
            stderr,
        } = self.child.wait_with_output().unwrap();
        Ended {
            status: status.code(),
            signal: status.signal(),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }
}

/// How the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn succeeded(&self) -> bool {
        self.status == Some(0)
    }

    /// Fails unless it ended with `status` and exactly one line that holds all of `told`.
    #[track_caller]
    pub(crate) fn must_refuse(&self, status: i32, told: &[&str]) {
        let message = &self.stderr;
        assert_eq!(self.status, Some(status), "{self:?}");
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(message.starts_with("usid: "), "{message}");
        assert!(!message.contains("panicked"), "{message}");
        for word in told {
            assert!(message.contains(word), "no {word:?} in {message}");
        }
        assert_eq!(self.stdout, "", "{message}");
    }
}
