//! A file that is shorter than its superblock says: a crash, a full disk or a broken copy cut it.

use std::fs::File;
use std::io;
use std::path::Path;

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
