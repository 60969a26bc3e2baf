//! One file that all ranks have open at once.
//!
//! Only programs built with the cargo feature `parallel-hdf5` can do that ([`COMPILED`]); in others
//! [`open_rw`] is an error that says so. Structure is changed before, by one rank
//! ([`amendment`](super::amendment)); together, ranks write rows ([`raw_rows`](super::raw_rows)).
//! All calls are made on the thread that calls MPI, and an error may come on one rank only: callers
//! agree after each call.

use std::fs::File;
use std::path::Path;

use hdf5::Dataset;
use hdf5::plist::PropertyList;

use super::{Error, Result};

#[cfg(not(feature = "parallel-hdf5"))]
mod absent;
#[cfg(feature = "parallel-hdf5")]
#[allow(unsafe_code)]
mod parallel;

#[cfg(not(feature = "parallel-hdf5"))]
use absent as flavour;
#[cfg(feature = "parallel-hdf5")]
use parallel as flavour;

/// How the ranks that have a file open together write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transfer {
    /// Each for itself.
    Independent,
    /// All in the same call. Every rank must make it, one without rows with an empty range. In a
    /// file that is not open through MPI-IO it is the same as [`Independent`](Self::Independent).
    Collective,
}

/// Whether this program was built with parallel HDF5.
pub const COMPILED: bool = cfg!(feature = "parallel-hdf5");

/// Opens a file on all ranks for reading and writing, through MPI-IO. Collective, as is closing it.
///
/// # Errors
/// This program was built without parallel HDF5; the file does not exist, is damaged, or is no HDF5
/// file; or MPI refuses.
///
/// # Panics
/// If MPI was not started, as every call of MPI does then.
pub fn open_rw(path: impl AsRef<Path>) -> Result<hdf5::File> {
    flavour::open_rw(path.as_ref())
}

/// Forces what this rank has written to the disk. The file must have been flushed, on all ranks.
///
/// # Errors
/// The file cannot be opened, or the disk refuses.
pub fn force(path: impl AsRef<Path>) -> Result<()> {
    let path = path.as_ref();
    let force = || File::open(path)?.sync_all();
    force().map_err(Error::io(path))
}

/// The list that makes a transfer collective, where the dataset's file is open through MPI-IO and
/// that is asked for.
pub(super) fn transfer_list(
    dataset: &Dataset,
    transfer: Transfer,
) -> hdf5::Result<Option<PropertyList>> {
    match transfer {
        Transfer::Independent => Ok(None),
        Transfer::Collective => flavour::collective_list(dataset),
    }
}
