//! A file that is shorter than its superblock says: a crash, a full disk or a broken copy cut it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::driver::Storage;
use super::superblock;

/// How much of a cut file is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Bytes that are there.
    pub bytes: u64,
    /// Bytes that the superblock promises; more than [`bytes`](Self::bytes).
    pub promised: u64,
}

/// What is left of a file; `None` if it is whole, or none whose superblock can be read.
pub(super) fn left(path: &Path) -> io::Result<Option<Left>> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let promised = superblock::promised(&file)?;
    Ok(promised
        .filter(|&promised| promised > bytes)
        .map(|promised| Left { bytes, promised }))
}

/// The bytes that are left, under the length that was promised. Nothing beyond them is ever read as
/// a number: such a read fails.
#[derive(Debug)]
pub(super) struct Cut {
    disk: File,
    allocated: u64,
    left: Left,
}

impl Cut {
    /// Opens a file of which so much is left.
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn open(path: &Path, left: Left) -> io::Result<Self> {
        Ok(Cut {
            disk: File::open(path)?,
            allocated: 0,
            left,
        })
    }
}

impl Storage for Cut {
    fn read(&mut self, address: u64, into: &mut [u8]) -> io::Result<()> {
        let end = address.checked_add(into.len() as u64);
        if end.is_none_or(|end| end > self.left.bytes) {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "these bytes lie beyond the cut",
            ));
        }
        self.disk.read_exact_at(into, address)
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
        self.left.promised
    }

    fn accumulates(&self) -> bool {
        false
    }

    fn close(&mut self) {}
}
