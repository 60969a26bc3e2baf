//! Files opened over a storage.

use std::ffi::{CStr, CString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use hdf5::file::{FileAccess, FileAccessBuilder, FileCloseDegree};
use hdf5::h5check;
use hdf5_sys::h5f::{
    H5F_ACC_RDONLY, H5F_ACC_RDWR, H5F_ACC_TRUNC, H5Fcreate, H5Fget_vfd_handle, H5Fopen,
};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::{H5P_DEFAULT, H5Pget_driver, H5Pset_driver};

use super::callbacks::OPENING;
use super::class::DRIVER;
use super::is_known;
use crate::Left;
use crate::storage::Shared;
use crate::stored::Stored;

/// Opens a file for reading and writing over `storage`. Closing it closes every object in it.
pub(crate) fn open(path: &Path, storage: Shared) -> hdf5::Result<hdf5::File> {
    let access = access(FileCloseDegree::Strong)?;
    over(path, storage, &access, |name, access| {
        // SAFETY: the library lock is held; `name` ends with a NUL and `access` is open.
        unsafe { H5Fopen(name.as_ptr(), H5F_ACC_RDWR, access) }
    })
}

/// Opens a file for reading. It stays open until the last object in it is closed.
pub(crate) fn open_to_read(path: &Path) -> hdf5::Result<hdf5::File> {
    over_stored(path, Stored::open(path), &access(FileCloseDegree::Weak)?)
}

/// As [`open_to_read`], with room for `chunks` bytes of decoded chunks per dataset. Where a piece
/// of a contiguous dataset is shorter than `sieve` bytes, so many are read.
pub(crate) fn open_buffered(path: &Path, chunks: usize, sieve: usize) -> hdf5::Result<hdf5::File> {
    over_stored(path, Stored::open(path), &buffered(chunks, sieve)?)
}

/// As [`open_buffered`], of what is left of a file. What is asked for is read and no more, so that
/// a read that fails lacks something that was asked for.
pub(crate) fn open_cut(path: &Path, left: Left, chunks: usize) -> hdf5::Result<hdf5::File> {
    over_stored(path, Stored::open_cut(path, left), &buffered(chunks, 0)?)
}

/// Access with buffers of these sizes. 521 slots is the library's default; weight 0 evicts the
/// chunk that was used longest ago.
fn buffered(chunks: usize, sieve: usize) -> hdf5::Result<FileAccess> {
    FileAccessBuilder::new()
        .fclose_degree(FileCloseDegree::Weak)
        .chunk_cache(521, chunks, 0.0)
        .sieve_buf_size(sieve)
        .finish()
}

fn over_stored(
    path: &Path,
    stored: io::Result<Stored>,
    access: &FileAccess,
) -> hdf5::Result<hdf5::File> {
    let storage = Arc::new(Mutex::new(stored.map_err(|error| error.to_string())?));
    over(path, storage, access, |name, access| {
        // SAFETY: the library lock is held; `name` ends with a NUL and `access` is open.
        unsafe { H5Fopen(name.as_ptr(), H5F_ACC_RDONLY, access) }
    })
}

/// Makes an empty file over `storage`, which must be empty too. Closing it closes every object in
/// it.
pub(crate) fn create(path: &Path, storage: Shared) -> hdf5::Result<hdf5::File> {
    let access = access(FileCloseDegree::Strong)?;
    over(path, storage, &access, |name, access| {
        // SAFETY: the library lock is held; `name` ends with a NUL and `access` is open.
        unsafe { H5Fcreate(name.as_ptr(), H5F_ACC_TRUNC, H5P_DEFAULT, access) }
    })
}

fn access(degree: FileCloseDegree) -> hdf5::Result<FileAccess> {
    FileAccessBuilder::new().fclose_degree(degree).finish()
}

fn over(
    path: &Path,
    storage: Shared,
    access: &FileAccess,
    call: impl FnOnce(&CStr, hid_t) -> hid_t,
) -> hdf5::Result<hdf5::File> {
    let name = CString::new(path.as_os_str().as_bytes()).map_err(|_| "the path contains a NUL")?;
    hdf5::sync::sync(|| {
        let driver = DRIVER.clone()?;
        // SAFETY: the library lock is held; the list is open and ours, the driver is registered for
        // the life of the process and has no properties of its own.
        h5check(unsafe { H5Pset_driver(access.id(), driver, std::ptr::null()) })?;
        OPENING.set(Some(storage));
        let id = h5check(call(&name, access.id()));
        OPENING.set(None);
        // SAFETY: the identifier comes from the call above and is given away once.
        unsafe { hdf5::from_id::<hdf5::File>(id?) }
    })
}

/// What an open file is read from; `None` where the library opened it with a driver of its own.
pub(crate) fn storage(file: &hdf5::File) -> hdf5::Result<Option<Shared>> {
    if !is_known() {
        return Ok(None);
    }
    hdf5::sync::sync(|| {
        let access = file.access_plist()?;
        // SAFETY: the library lock is held and the list is open.
        if h5check(unsafe { H5Pget_driver(access.id()) })? != DRIVER.clone()? {
            return Ok(None);
        }
        let mut handle = std::ptr::null_mut();
        // SAFETY: the library lock is held and the file is open; the handle goes into a variable of
        // ours.
        h5check(unsafe { H5Fget_vfd_handle(file.id(), H5P_DEFAULT, &raw mut handle) })?;
        // SAFETY: the driver is ours, so this is what `on_get_handle` gave: the storage of a file
        // that is open, as `file` is.
        Ok(Some(unsafe { (*handle.cast::<Shared>()).clone() }))
    })
}
