//! Regular files: opened as such or not at all, so that nothing is waited for.

use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

/// What is found in the place of something else, for people: "a FIFO".
pub fn kind(found: FileType) -> &'static str {
    if found.is_dir() {
        "a directory"
    } else if found.is_symlink() {
        "a link"
    } else if found.is_fifo() {
        "a FIFO"
    } else if found.is_socket() {
        "a socket"
    } else if found.is_file() {
        "a file"
    } else {
        "a device"
    }
}

/// Opens a file for reading, or what a link to one leads to. A FIFO, a socket, a directory or a
/// device is refused: to open or read it might last for ever.
///
/// # Errors
/// As the system says; `InvalidInput`, with a text that says what it is, when it is no file.
pub fn open(path: &Path) -> io::Result<File> {
    check(path)?;
    File::open(path)
}

fn check(path: &Path) -> io::Result<()> {
    let found = fs::metadata(path)?.file_type();
    if !found.is_file() {
        let what = format!("it is {}, and a file belongs there", kind(found));
        return Err(io::Error::new(ErrorKind::InvalidInput, what));
    }
    Ok(())
}

/// Opens a file for lines to be added at its end, and makes it if need be.
///
/// # Errors
/// As [`open`], but not when nothing is there.
pub fn append_to(path: &Path) -> io::Result<File> {
    match check(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => OpenOptions::new().create(true).append(true).open(path),
    }
}

/// The first `most` bytes of such a file.
///
/// # Errors
/// As [`open`].
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
