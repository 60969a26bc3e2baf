use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

/// Runs `inversion` in a directory.
pub(crate) fn inversion<S: AsRef<OsStr>>(directory: &Path, arguments: &[S]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inversion"));
    let command = command.current_dir(directory).args(arguments);
    command.output().unwrap()
}

/// The same, with success.
pub(crate) fn done<S: AsRef<OsStr>>(directory: &Path, arguments: &[S]) -> String {
    let output = inversion(directory, arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What it complained of, one line, and its status.
pub(crate) fn refused<S: AsRef<OsStr>>(directory: &Path, arguments: &[S]) -> (String, i32) {
    let output = inversion(directory, arguments);
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(!message.contains("panicked"), "{message}");
    (message, output.status.code().unwrap())
}
