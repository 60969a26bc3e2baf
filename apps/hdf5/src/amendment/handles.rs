//! Does this process have a file open for writing through the HDF5 library?
//!
//! Such a handle from before a change knows the old structure, and when it is closed it may cut the
//! file to the old length.

use std::ffi::{CStr, OsStr};
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use hdf5_sys::h5f::{
    H5F_ACC_RDWR, H5F_OBJ_ALL, H5Fget_intent, H5Fget_name, H5Fget_obj_count, H5Fget_obj_ids,
};
use hdf5_sys::h5i::{H5Idec_ref, H5Iget_file_id, hid_t};

/// Whether a file, or any object in it, is open for writing.
pub(super) fn is_open_for_writing(disk: &File) -> io::Result<bool> {
    let ours = disk.metadata()?;
    let is_ours = |path: &PathBuf| {
        fs::metadata(path).is_ok_and(|it| (it.dev(), it.ino()) == (ours.dev(), ours.ino()))
    };
    Ok(open_files().iter().any(is_ours))
}

/// The files of all objects that are open for writing, with repetitions.
fn open_files() -> Vec<PathBuf> {
    hdf5::sync::sync(|| {
        let everywhere = hid_t::from(H5F_OBJ_ALL);
        // SAFETY: the library lock is held.
        let count = unsafe { H5Fget_obj_count(everywhere, H5F_OBJ_ALL) };
        let mut ids: Vec<hid_t> = vec![0; usize::try_from(count).unwrap_or(0)];
        // SAFETY: the library lock is held; `ids` has room for as many as the call may write.
        let found = unsafe { H5Fget_obj_ids(everywhere, H5F_OBJ_ALL, ids.len(), ids.as_mut_ptr()) };
        ids.truncate(usize::try_from(found).unwrap_or(0));
        ids.into_iter()
            .filter(|&id| is_written(id))
            .filter_map(path_of)
            .collect()
    })
}

/// Whether an object's file is open for writing; the caller holds the library lock.
fn is_written(object: hid_t) -> bool {
    let mut intent = 0;
    // SAFETY: the library lock is held; the file's identifier is counted up by the first call and
    // down by the last.
    unsafe {
        let file = H5Iget_file_id(object);
        let known = file >= 0 && H5Fget_intent(file, &raw mut intent) >= 0;
        if file >= 0 {
            H5Idec_ref(file);
        }
        known && intent & H5F_ACC_RDWR != 0
    }
}

/// The path of an object's file; the caller holds the library lock.
fn path_of(object: hid_t) -> Option<PathBuf> {
    // SAFETY: the library lock is held; without room the call tells the length and writes nothing.
    let length = unsafe { H5Fget_name(object, std::ptr::null_mut(), 0) };
    let mut name = vec![0_u8; usize::try_from(length).ok()? + 1];
    // SAFETY: the library lock is held; `name` has the length that is given.
    unsafe { H5Fget_name(object, name.as_mut_ptr().cast(), name.len()) };
    let name = CStr::from_bytes_until_nul(&name).ok()?;
    Some(OsStr::from_bytes(name.to_bytes()).into())
}
