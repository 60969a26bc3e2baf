//! Files that others may have replaced by what is no file, and to open or read which might last for
//! ever. Every file of ours is opened here.

use std::fs::{self, File, OpenOptions};
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use jobwise_claims::kind;
use rustix::io::Errno;

fn disorder(text: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, text)
}

/// Adds to what the system says about a path what is to be done.
fn explained(path: &Path, error: Error) -> Error {
    let is_link = || fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) {
        disorder("it is a link that leads in circles: move it away")
    } else if error.kind() == ErrorKind::NotADirectory {
        disorder("what it should lie in is no directory: move that away")
    } else if error.kind() == ErrorKind::NotFound && is_link() {
        disorder("it is a link that leads nowhere: move it away")
    } else {
        error
    }
}

/// Refuses what is there and is no file, or a link to what is none.
///
/// # Errors
/// `InvalidInput`, with a text that says what it is; as the system says, but not that nothing is
/// there.
pub fn check(path: &Path) -> Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => Ok(()),
        Ok(found) => Err(disorder(&format!(
            "it is {}, and a file belongs there: move it away",
            kind(found.file_type())
        ))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(explained(path, error)),
    }
}

/// Refuses what is there and is no directory, or a link to what is none.
///
/// # Errors
/// As [`check`].
pub fn check_directory(path: &Path) -> Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(found) => Err(disorder(&format!(
            "it is {}, and a directory belongs there: move it away",
            kind(found.file_type())
        ))),
        Err(error) => match explained(path, error) {
            error if error.kind() == ErrorKind::NotFound => Ok(()),
            error => Err(error),
        },
    }
}

/// All bytes of a file that has no more than `most`.
///
/// # Errors
/// As [`check`]; `InvalidInput` for a longer one, of which nothing is read; as the system says.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    check(path)?;
    let file = File::open(path).map_err(|error| explained(path, error))?;
    let length = file.metadata()?.len();
    if length > most {
        return Err(disorder(&format!(
            "it has {length} bytes, and what belongs there has {most} at most: move it away"
        )));
    }
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens a file to lock it, and makes it if need be.
///
/// # Errors
/// As [`check`], and as the system says.
pub fn to_lock(path: &Path) -> Result<File> {
    check(path)?;
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(|error| explained(path, error))
}

/// Opens a file for lines to be added at its end, and makes it if need be. Who wants no log may
/// have made it a link to `/dev/null`.
///
/// # Errors
/// As [`check`], and as the system says.
pub fn append_to(path: &Path) -> Result<File> {
    if !is_null(path) {
        check(path)?;
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .read(true)
        .open(path)
        .map_err(|error| explained(path, error))
}

fn is_null(path: &Path) -> bool {
    let null = fs::metadata("/dev/null").map(|null| null.rdev());
    fs::metadata(path).is_ok_and(|found| {
        found.file_type().is_char_device() && null.is_ok_and(|null| null == found.rdev())
    })
}

/// Adds a line to a file; it begins a line of its own, whatever is there.
///
/// # Errors
/// As the system says.
pub fn add_line(file: &mut File, line: &str) -> Result<()> {
    let mut last = [b'\n'];
    if file.metadata()?.len() > 0 && file.seek(SeekFrom::End(-1)).is_ok() {
        file.read_exact(&mut last)?;
    }
    let begin = if last == [b'\n'] { "" } else { "\n" };
    file.write_all(format!("{begin}{line}\n").as_bytes())
}
