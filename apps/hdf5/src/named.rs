//! Attributes by their names: one without a look at the others, which in a damaged file may crash
//! the library; and the names of all.

use std::ffi::{CStr, c_char, c_void};

use hdf5::{Attribute, Location, h5check};
use hdf5_sys::h5::{H5_index_t, H5_iter_order_t, herr_t};
use hdf5_sys::h5a::{H5A_info_t, H5Aexists, H5Aiterate2};
use hdf5_sys::h5i::hid_t;

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

/// A name that no attribute has.
const NOWHERE: &str = "\u{1}";

/// The names of all attributes, sorted; bytes that are not UTF-8 are replaced.
///
/// # Errors
/// The attributes are damaged.
pub fn names(object: &Location) -> hdf5::Result<Vec<String>> {
    // The library crashes over a list that breaks off. The search for a name that is not there
    // meets all of them before, and is refused.
    attribute(object, NOWHERE)?;
    let mut names: Vec<String> = Vec::new();
    hdf5::sync::sync(|| {
        // SAFETY: the lock of the library is held and `object` is open; the callback gets `names`,
        // which nobody else uses during the call.
        h5check(unsafe {
            H5Aiterate2(
                object.id(),
                H5_index_t::H5_INDEX_NAME,
                H5_iter_order_t::H5_ITER_INC,
                std::ptr::null_mut(),
                Some(take),
                (&raw mut names).cast(),
            )
        })
    })?;
    names.sort();
    Ok(names)
}

/// Takes one name. The binding's own function looks at what is said beside the name, which in a
/// damaged file is none of the values that it knows.
unsafe extern "C" fn take(
    _: hid_t,
    name: *const c_char,
    _: *const H5A_info_t,
    names: *mut c_void,
) -> herr_t {
    // SAFETY: the library passes a text that ends with a NUL; `names` is that of the only caller.
    let (name, names) = unsafe { (CStr::from_ptr(name), &mut *names.cast::<Vec<String>>()) };
    names.push(name.to_string_lossy().into_owned());
    0
}
