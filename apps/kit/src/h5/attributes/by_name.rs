//! Looking for one attribute without listing all of them: the library crashes over what a damaged list holds.

use std::ffi::CString;

use hdf5::{Location, h5check};
use hdf5_sys::h5a::H5Aexists;

/// Whether there is an attribute of that name.
pub(super) fn exists(object: &Location, name: &str) -> hdf5::Result<bool> {
    let label = CString::new(name).map_err(|_| "the name contains a NUL")?;
    let found = hdf5::sync::sync(|| {
        // SAFETY: the library lock is held; `object` is open and `label` ends with a NUL.
        h5check(unsafe { H5Aexists(object.id(), label.as_ptr()) })
    })?;
    Ok(found > 0)
}
