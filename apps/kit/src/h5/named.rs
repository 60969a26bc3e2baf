//! One attribute by its name, without looking at the others: in a damaged file the others may crash the library.

use hdf5::{Attribute, Location};
use hdf5_sys::h5a::H5Aexists;

/// The attribute of this name; `None` where there is none.
///
/// # Errors
/// The library cannot tell, or the attribute cannot be opened.
pub fn attribute(object: &Location, name: &str) -> hdf5::Result<Option<Attribute>> {
    let text = std::ffi::CString::new(name).map_err(|_| format!("{name:?} holds a NUL"))?;
    // SAFETY: the lock of the library is held, `object` is open, and the name ends in 0.
    let found = hdf5::sync::sync(|| unsafe { H5Aexists(object.id(), text.as_ptr()) });
    match found {
        0 => Ok(None),
        found if found > 0 => object.attr(name).map(Some),
        _ => Err(format!("it cannot be told whether there is an attribute {name}").into()),
    }
}
