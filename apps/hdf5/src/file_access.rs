//! Files without the library's advisory locks.
//!
//! Files here appear complete ([`atomic`](super::atomic)), so a lock protects nothing, and it does
//! harm: some file systems refuse it, and a process started while a file is being written inherits
//! the lock and keeps the finished file closed to readers for as long as it lives. Needs HDF5
//! 1.10.7 or later.

use std::path::Path;

use super::{Error, Left, Result, cut, driver};
use jobwise_kit::regular_file;

/// Opens a file for reading.
///
/// # Errors
/// The file does not exist, is damaged, is no HDF5 file, or no file at all.
pub fn open(path: impl AsRef<Path>) -> Result<hdf5::File> {
    let path = path.as_ref();
    // What cannot be looked at is the library's to tell.
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        regular_file(path).map_err(Error::io(path))?;
    }
    if driver::is_known() {
        return driver::open_to_read(path).map_err(not_opened(path));
    }
    let mut options = hdf5::File::with_options();
    options.with_fapl(|access| access.file_locking(false));
    options.open(path).map_err(not_opened(path))
}

/// Opens a file for reading, with room for `chunks` bytes of decoded chunks per dataset. Where a
/// piece of a contiguous dataset is shorter than `sieve` bytes, so many are read; with 0, what is
/// asked for.
///
/// # Errors
/// As [`open`].
pub fn open_buffered(path: impl AsRef<Path>, chunks: usize, sieve: usize) -> Result<hdf5::File> {
    let path = path.as_ref();
    if driver::is_known() {
        return driver::open_buffered(path, chunks, sieve).map_err(not_opened(path));
    }
    let mut options = hdf5::File::with_options();
    options.with_fapl(|access| {
        access
            .file_locking(false)
            .chunk_cache(521, chunks, 0.0)
            .sieve_buf_size(sieve)
    });
    options.open(path).map_err(not_opened(path))
}

/// How much is left of a file that is shorter than its superblock says; `None` for a whole file,
/// for one whose superblock cannot be read, and where [`open_cut`] does not know the library.
///
/// # Errors
/// The system does not let the file be read.
pub fn left_of(path: impl AsRef<Path>) -> Result<Option<Left>> {
    if !driver::is_known() {
        return Ok(None);
    }
    cut::left(path.as_ref()).map_err(Error::io(path))
}

/// Opens a cut file for reading, with room for `chunks` bytes of decoded chunks per dataset; with
/// 0, rows of chunks that are not packed are read by themselves.
///
/// Whatever needs a byte that is not left fails when it is read, metadata and samples alike. What
/// the superblock promises counts as the length of the file: the caller must have found it
/// sensible.
///
/// # Errors
/// As [`open`], or what is needed to open it is not left.
pub fn open_cut(path: impl AsRef<Path>, left: Left, chunks: usize) -> Result<hdf5::File> {
    driver::open_cut(path.as_ref(), left, chunks).map_err(not_opened(path))
}

/// Opens a file for reading and writing.
///
/// # Errors
/// As [`open`].
pub fn open_rw(path: impl AsRef<Path>) -> Result<hdf5::File> {
    let mut options = hdf5::File::with_options();
    options.with_fapl(|access| access.file_locking(false));
    options.open_rw(path.as_ref()).map_err(not_opened(path))
}

/// Creates a file, or empties the one that is there.
///
/// # Errors
/// The library cannot create it.
pub fn create(path: impl AsRef<Path>) -> Result<hdf5::File> {
    let mut options = hdf5::File::with_options();
    options.with_fapl(|access| access.file_locking(false));
    options
        .create(path.as_ref())
        .map_err(Error::hdf5(path, "cannot be created"))
}

/// As [`create`], with every write at once at the system: the library drops an error that it meets
/// when it empties a buffer while it closes a dataset.
///
/// # Errors
/// As [`create`].
pub(super) fn create_unbuffered(path: &Path) -> Result<hdf5::File> {
    unbuffered()
        .create(path)
        .map_err(Error::hdf5(path, "cannot be created"))
}

/// As [`open_rw`], with every write at once at the system.
///
/// # Errors
/// As [`open`].
pub(super) fn open_unbuffered(path: &Path) -> Result<hdf5::File> {
    unbuffered().open_rw(path).map_err(not_opened(path))
}

fn unbuffered() -> hdf5::FileBuilder {
    let mut options = hdf5::File::with_options();
    options.with_fapl(|access| {
        access
            .file_locking(false)
            .chunk_cache(0, 0, 0.0)
            .sieve_buf_size(0)
    });
    options
}

/// The error of a file that the library does not open.
pub(super) fn not_opened(path: impl AsRef<Path>) -> impl FnOnce(hdf5::Error) -> Error {
    Error::hdf5(
        path,
        "cannot be opened (damaged, not HDF5, or removed since)",
    )
}
