use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;

/// The library that catches system calls, built once per process.
///
/// # Errors
/// `gcc` is not there, or refuses.
pub(crate) fn shim() -> io::Result<PathBuf> {
    match &*SHIM {
        Ok(directory) => Ok(directory.path().join(NAME)),
        Err(error) => Err(io::Error::other(error.clone())),
    }
}

const NAME: &str = "faults.so";

static SHIM: LazyLock<Result<TempDir, String>> =
    LazyLock::new(|| build().map_err(|error| format!("the shim cannot be built: {error}")));

fn build() -> io::Result<TempDir> {
    let directory = tempfile::tempdir()?;
    let source = directory.path().join("shim.c");
    std::fs::write(&source, include_str!("shim.c"))?;
    let built = Command::new("gcc")
        .args(["-O1", "-shared", "-fPIC", "-o"])
        .arg(directory.path().join(NAME))
        .arg(&source)
        .arg("-ldl")
        .output()?;
    if built.status.success() {
        return Ok(directory);
    }
    Err(io::Error::other(
        String::from_utf8_lossy(&built.stderr).into_owned(),
    ))
}
