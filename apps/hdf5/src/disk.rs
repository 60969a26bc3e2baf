//! Plain reads, and errors that are told twice.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Fills `into` from `address`, beyond the end of the file with zeros.
pub(super) fn read_or_zero(file: &File, address: u64, into: &mut [u8]) -> io::Result<()> {
    let mut filled = 0;
    while filled < into.len() {
        match file.read_at(&mut into[filled..], address + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    into[filled..].fill(0);
    Ok(())
}

/// An error for a second hearer.
pub(super) fn copy_of(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}
