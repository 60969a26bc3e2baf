//! A file that is only read.

use std::fs::File;
use std::io;
use std::path::Path;

use super::disk::read_or_zero;
use super::driver::Storage;

/// The bytes of a file on the disk.
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
}

impl Storage for Stored {
    fn read(&mut self, address: u64, into: &mut [u8]) -> io::Result<()> {
        read_or_zero(&self.disk, address, into)
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

    fn close(&mut self) {}
}
