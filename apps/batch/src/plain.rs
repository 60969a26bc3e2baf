//! Files that others may have replaced by what is no file, and to open which might last for ever.

use std::fs::{self, File, OpenOptions};
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

/// Refuses what is there and is no file (or a device, such as `/dev/null`).
///
/// # Errors
/// `InvalidInput`, with a text that says what it is; as the system says, but not that nothing is there.
pub fn check(path: &Path) -> Result<()> {
    let found = match fs::metadata(path) {
        Ok(found) => found.file_type(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let what = if found.is_dir() {
        "a directory"
    } else if found.is_fifo() {
        "a FIFO"
    } else if found.is_socket() {
        "a socket"
    } else {
        return Ok(());
    };
    let text = format!("it is {what}, and a file belongs there: move it away");
    Err(Error::new(ErrorKind::InvalidInput, text))
}

/// All bytes of a file.
///
/// # Errors
/// As [`check`], and as the system says.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    check(path)?;
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens a file for lines to be added at its end, and makes it if need be.
///
/// # Errors
/// As [`check`], and as the system says.
pub fn append_to(path: &Path) -> Result<File> {
    check(path)?;
    OpenOptions::new()
        .create(true)
        .append(true)
        .read(true)
        .open(path)
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
