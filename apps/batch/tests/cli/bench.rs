//! A directory, and the program to run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use jobwise_batch::processes::Process;
use tempfile::TempDir;

/// Longer than anything here takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Bench(TempDir);

impl Bench {
    /// A directory with a list of so many tasks, `t0`, `t1`, ...
    pub(crate) fn new(tasks: usize) -> Bench {
        let bench = Bench(tempfile::tempdir().unwrap());
        let list: Vec<_> = (0..tasks).map(|task| format!("t{task}")).collect();
        fs::write(bench.path("list"), list.join("\n")).unwrap();
        bench
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program with these arguments, each a word of `line`, and then `script` for `sh -c`.
    pub(crate) fn command(&self, line: &str, script: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_batch"));
        command
            .args(line.split_whitespace())
            .current_dir(self.0.path())
            .env_remove("OMPI_COMM_WORLD_SIZE")
            .env_remove("PMI_SIZE")
            .env_remove("SLURM_JOB_ID");
        if !script.is_empty() {
            command.args(["--", "sh", "-c", script]);
        }
        command
    }

    pub(crate) fn start(&self, line: &str, script: &str) -> Running {
        Running::start(&mut self.command(line, script))
    }

    pub(crate) fn run(&self, line: &str, script: &str) -> Ended {
        self.start(line, script).end()
    }

    /// The word in a task's state file.
    pub(crate) fn state(&self, batch: &str, task: &str) -> String {
        let text =
            fs::read_to_string(self.path(batch).join(task).join("state")).unwrap_or_default();
        text.trim_end().to_owned()
    }

    /// How many of `t0`, `t1`, ... are in a state.
    pub(crate) fn count(&self, batch: &str, tasks: usize, state: &str) -> usize {
        (0..tasks)
            .filter(|task| self.state(batch, &format!("t{task}")) == state)
            .count()
    }

    /// The lines of a file that commands append to.
    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.path(name)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Fails unless every task is done and nothing is left but what the format says.
    #[track_caller]
    pub(crate) fn must_be_clean(&self, batch: &str, tasks: usize) {
        for task in 0..tasks {
            let name = format!("t{task}");
            assert_eq!(self.state(batch, &name), "DONE", "{name}");
            for entry in fs::read_dir(self.path(batch).join(&name)).unwrap() {
                let file = entry.unwrap().file_name().into_string().unwrap();
                assert!(
                    ["state", "log", "result"].contains(&file.as_str()),
                    "{name}/{file}"
                );
            }
        }
        for entry in fs::read_dir(self.path(batch).join(".batch")).unwrap() {
            let file = entry.unwrap().file_name().into_string().unwrap();
            assert!(
                file.starts_with("tasks") || file.starts_with("journal."),
                ".batch/{file}"
            );
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

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
    }

    pub(crate) fn id(&self) -> String {
        self.child.id().to_string()
    }

    pub(crate) fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
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
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }
}

/// How the program ended; no status when a signal ended it.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    #[track_caller]
    pub(crate) fn must_succeed(&self) {
        assert_eq!(self.status, Some(0), "{self:?}");
        assert_eq!(self.stderr, "", "{self:?}");
    }

    /// Fails unless it ended with `status` and one line that holds all of `told`.
    #[track_caller]
    pub(crate) fn must_refuse(&self, status: i32, told: &[&str]) {
        assert_eq!(self.status, Some(status), "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        for word in told {
            assert!(self.stderr.contains(word), "no {word:?} in {self:?}");
        }
    }
}

/// Waits until something holds.
#[track_caller]
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < PATIENCE, "not after {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Whether a process has ended. Where its parent has not asked about it (one of the first processes
/// of a container, often, asks about nobody) it is listed still.
pub(crate) fn has_ended(pid: &str) -> bool {
    Process::of(pid.parse().unwrap()).is_none()
}
