//! A directory, and the program to run in it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jobwise_batch::processes::Process;
use jobwise_tasks::TaskDirs;
pub(crate) use jobwise_testing::{Ended, Running, until};
use tempfile::TempDir;

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
            .env_remove("SLURM_STEP_NUM_TASKS")
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

    /// The directory of a task.
    pub(crate) fn task(&self, batch: &str, task: &str) -> PathBuf {
        let dirs = TaskDirs::at(&self.path(batch)).unwrap();
        dirs.of(OsStr::new(task))
    }

    /// How many directories of tasks there are.
    pub(crate) fn directories(&self, batch: &str) -> usize {
        let dirs = TaskDirs::at(&self.path(batch)).unwrap();
        dirs.list().unwrap().len()
    }

    /// The word in a task's state file.
    pub(crate) fn state(&self, batch: &str, task: &str) -> String {
        let text = fs::read_to_string(self.task(batch, task).join("state")).unwrap_or_default();
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
            for entry in fs::read_dir(self.task(batch, &name)).unwrap() {
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
                file.starts_with("tasks") || file.starts_with("journal.") || file == "done",
                ".batch/{file}"
            );
        }
    }
}

/// Whether a process has ended. Where its parent has not asked about it (one of the first processes
/// of a container, often, asks about nobody) it is listed still.
pub(crate) fn has_ended(pid: &str) -> bool {
    Process::of(pid.parse().unwrap()).is_none()
}
