//! A file that is only read.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::Left;
use super::storage::Storage;

/// The bytes of a file on the disk. Nothing beyond its end is ever read as a number: such a read
/// fails, be it that the file was cut before it was opened or while it is open.
#[derive(Debug)]
pub(super) struct Stored {
    disk: File,
    allocated: u64,
    length: u64,
}

impl Stored {
    /// Opens a file.
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let disk = File::open(path)?;
        Ok(Stored {
            length: disk.metadata()?.len(),
            disk,
            allocated: 0,
        })
    }

    /// Opens a file that was cut, and tells the library the length that was promised.
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn open_cut(path: &Path, left: Left) -> io::Result<Self> {
        Ok(Stored {
            length: left.promised,
            ..Stored::open(path)?
        })
    }
}

impl Storage for Stored {
    fn read(&mut self, address: u64, into: &mut [u8]) -> io::Result<()> {
        let read = self.disk.read_exact_at(into, address);
        read.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                io::Error::new(error.kind(), "bytes beyond the end of the file: it was cut")
            }
            _ => error,
        })
    }

    fn write(&mut self, _: u64, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn allocated(&self) -> u64 {
        self.allocated
    }

    fn allocate(&mut self, end: u64) {
        self.allocated = end;
    }

    fn length(&self) -> u64 {
        self.length
    }

    fn accumulates(&self) -> bool {
        false
    }
}
