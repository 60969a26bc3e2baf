use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

use crate::skipped;

/// An interpreter with certain packages.
#[derive(Clone, Debug)]
pub struct Python(PathBuf);

impl Python {
    /// One that has these modules (`JOBWISE_PYTHON`, else `python3`). Where there is none, the test
    /// is [`skipped`].
    pub fn with(modules: &str) -> Option<Python> {
        Python::of("JOBWISE_PYTHON", modules)
    }

    /// The same with another variable of the environment, for packages that cannot be installed
    /// beside the others.
    pub fn of(variable: &str, modules: &str) -> Option<Python> {
        let program = std::env::var_os(variable);
        let python = Python(program.map_or_else(|| "python3".into(), PathBuf::from));
        // Found, and not imported: some need others that a test does without.
        let find = "import importlib.util, sys\n\
            sys.exit(any(importlib.util.find_spec(name) is None for name in sys.argv[1:]))";
        let answers = python.command(find).args(modules.split(", ")).output();
        if answers.is_ok_and(|answer| answer.status.success()) {
            Some(python)
        } else {
            skipped(&format!("no Python with {modules} (set {variable})"))
        }
    }

    /// A command that runs a program text.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(&self.0);
        command.args(["-c", program]);
        command
    }

    /// Runs a program text with arguments; what it prints.
    ///
    /// # Panics
    /// It cannot be started, or fails: the message is what it said.
    #[track_caller]
    pub fn run<A: AsRef<OsStr>>(
        &self,
        program: &str,
        arguments: impl IntoIterator<Item = A>,
    ) -> String {
        let ended = self.command(program).args(arguments).output();
        let ended = ended.unwrap_or_else(|error| panic!("{}: {error}", self.0.display()));
        let errors = String::from_utf8_lossy(&ended.stderr);
        assert!(
            ended.status.success(),
            "the Python program failed: {errors}"
        );
        String::from_utf8_lossy(&ended.stdout).into_owned()
    }
}
