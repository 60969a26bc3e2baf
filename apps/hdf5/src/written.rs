//! A file that is being written, which remembers the first thing that failed.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::disk::{copy_of, read_or_zero};
use super::storage::Storage;

/// The bytes of a file under its temporary name.
#[derive(Debug)]
pub(super) struct Written {
    disk: File,
    /// The end of the space that the library uses.
    allocated: u64,
    length: u64,
    /// The first answer of the system that was an error.
    failure: Option<io::Error>,
    closed: bool,
}

impl Written {
    /// Opens `path`, which is made, or emptied.
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let mut options = File::options();
        let options = options.read(true).write(true).create(true).truncate(true);
        Self::of(options.open(path)?)
    }

    /// Opens `path` with what is in it.
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Self::of(File::options().read(true).write(true).open(path)?)
    }

    fn of(disk: File) -> io::Result<Self> {
        Ok(Written {
            length: disk.metadata()?.len(),
            disk,
            allocated: 0,
            failure: None,
            closed: false,
        })
    }

    /// What failed, whatever the library made of it.
    ///
    /// # Errors
    /// The first error of the system since the file was opened.
    pub(super) fn verdict(&self) -> io::Result<()> {
        self.failure.as_ref().map_or(Ok(()), |e| Err(copy_of(e)))
    }

    /// Whether the library has closed the file.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    fn noting(&mut self, outcome: io::Result<()>) -> io::Result<()> {
        if let Err(error) = &outcome {
            self.failure.get_or_insert(copy_of(error));
        }
        outcome
    }
}

impl Storage for Written {
    fn read(&mut self, address: u64, into: &mut [u8]) -> io::Result<()> {
        let outcome = read_or_zero(&self.disk, address, into);
        self.noting(outcome)
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> io::Result<()> {
        if self.failure.is_some() {
            // The file is lost. The library goes on to close it, which it does best when nothing
            // more fails.
            return Ok(());
        }
        let outcome = self.disk.write_all_at(bytes, address);
        self.length = self.length.max(address + bytes.len() as u64);
        self.noting(outcome)
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

    fn close(&mut self) {
        self.closed = true;
        // The library may have space at the end to which it writes nothing; a file that is shorter
        // than it says is taken for one that was cut.
        if self.failure.is_none() && self.length < self.allocated {
            let outcome = self.disk.set_len(self.allocated);
            // Kept for the verdict.
            let _ = self.noting(outcome);
        }
    }
}
