//! The bytes of a file that the library has open.

use std::ffi::c_int;
use std::fs::File;
use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;
use std::os::unix::fs::FileExt;

use hdf5::globals::H5FD_SEC2;
use hdf5::h5check;
use hdf5_sys::h5f::H5Fget_vfd_handle;
use hdf5_sys::h5p::{H5P_DEFAULT, H5Pget_driver};

use super::super::driver;
use super::super::storage::{Shared, lock};

/// The bytes of an open file, with all that the library has changed so far.
pub(super) struct Bytes {
    source: Source,
    /// Keeps the file open.
    _file: hdf5::File,
}

enum Source {
    /// A driver of ours.
    Storage(Shared),
    /// The library's default driver. The descriptor belongs to the library, which closes it.
    Descriptor(ManuallyDrop<File>),
}

impl Bytes {
    /// Looks where the library reads a file; `None` where only the library can. A file that is open
    /// for writing is flushed.
    ///
    /// # Errors
    /// The library refuses.
    pub(super) fn of(file: &hdf5::File) -> hdf5::Result<Option<Bytes>> {
        let source = match driver::storage(file)? {
            Some(storage) => Some(Source::Storage(storage)),
            None => descriptor(file)?.map(Source::Descriptor),
        };
        if source.is_some() && !file.is_read_only() {
            file.flush()?;
        }
        Ok(source.map(|source| Bytes {
            source,
            _file: file.clone(),
        }))
    }

    /// The length of the file.
    ///
    /// # Errors
    /// The system does not tell.
    pub(super) fn length(&self) -> hdf5::Result<u64> {
        match &self.source {
            Source::Storage(storage) => Ok(lock(&**storage).length()),
            Source::Descriptor(file) => {
                let found = file.metadata();
                Ok(found.map_err(|error| error.to_string())?.len())
            }
        }
    }

    /// Reads `length` bytes from `address`. What the file has not is refused before memory is
    /// taken.
    ///
    /// # Errors
    /// They are beyond the end of the file, or the system's answer.
    pub(super) fn read(&self, address: u64, length: u64) -> io::Result<Vec<u8>> {
        let end = self.length().map_err(io::Error::other)?;
        let beyond = || io::Error::other("beyond the end of the file");
        if address.checked_add(length).is_none_or(|last| last > end) {
            return Err(beyond());
        }
        let mut bytes = vec![0; usize::try_from(length).map_err(|_| beyond())?];
        match &self.source {
            Source::Storage(storage) => lock(&**storage).read(address, &mut bytes)?,
            Source::Descriptor(file) => file.read_exact_at(&mut bytes, address)?,
        }
        Ok(bytes)
    }
}

/// The descriptor by which the library's default driver reads a file; `None` for another driver.
fn descriptor(file: &hdf5::File) -> hdf5::Result<Option<ManuallyDrop<File>>> {
    hdf5::sync::sync(|| {
        let access = file.access_plist()?;
        // SAFETY: the library lock is held and the list is open.
        if h5check(unsafe { H5Pget_driver(access.id()) })? != *H5FD_SEC2 {
            return Ok(None);
        }
        let mut handle = std::ptr::null_mut();
        // SAFETY: the library lock is held and the file is open; the handle goes into a variable of
        // ours.
        h5check(unsafe { H5Fget_vfd_handle(file.id(), H5P_DEFAULT, &raw mut handle) })?;
        // SAFETY: this driver gives the address of its descriptor, which is open as long as `file`
        // is; it is never closed here.
        let file = unsafe { File::from_raw_fd(*handle.cast::<c_int>()) };
        Ok(Some(ManuallyDrop::new(file)))
    })
}
