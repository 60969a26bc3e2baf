//! Text of fixed length, padded as the file asks.

use std::ffi::CString;

use hdf5::{Attribute, Location, h5check};
use hdf5_sys::h5a::{H5Aclose, H5Acreate2, H5Aread, H5Awrite};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::H5P_DEFAULT;
use hdf5_sys::h5s::{H5S_class_t, H5Sclose, H5Screate};
use hdf5_sys::h5t::{
    H5T_class_t, H5T_cset_t, H5T_str_t, H5Tclose, H5Tcopy, H5Tget_class, H5Tis_variable_str,
    H5Tset_cset, H5Tset_size, H5Tset_strpad,
};

use super::{Result, refused, wrong};

/// Longest text read, in bytes. A declared length beyond it is not text but damage.
const LONGEST: usize = 1 << 20;

/// How text shorter than its field is filled up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// The text always ends with a NUL: a field of `n` bytes holds `n - 1` characters.
    NulTerminated,
    /// NULs follow if there is room: a field of `n` bytes holds `n` characters.
    NulPadded,
}

/// Writes new ASCII text into a field of `size` bytes.
///
/// # Errors
/// The text is too long for the field or contains a NUL, the attribute exists, or the library
/// refuses.
pub fn write_fixed_text(
    object: &Location,
    name: &str,
    value: &str,
    size: usize,
    padding: Padding,
) -> Result<()> {
    let room = size.saturating_sub(usize::from(padding == Padding::NulTerminated));
    if size == 0 || value.len() > room || value.contains('\0') {
        let problem = format!("{value:?} does not fit a field of {size} bytes");
        return Err(wrong(object, name, &problem));
    }
    let label = CString::new(name).map_err(|_| wrong(object, name, "the name contains a NUL"))?;
    let mut field = value.as_bytes().to_vec();
    field.resize(size, 0);
    hdf5::sync::sync(|| {
        let kind = Id(string_type(size, padding)?, H5Tclose);
        // SAFETY: the library lock is held; a scalar dataspace takes no further argument.
        let space = Id(
            h5check(unsafe { H5Screate(H5S_class_t::H5S_SCALAR) })?,
            H5Sclose,
        );
        // SAFETY: the library lock is held; `object`, `kind` and `space` are open, `label` ends
        // with a NUL.
        let attribute = Id(
            h5check(unsafe {
                H5Acreate2(
                    object.id(),
                    label.as_ptr(),
                    kind.0,
                    space.0,
                    H5P_DEFAULT,
                    H5P_DEFAULT,
                )
            })?,
            H5Aclose,
        );
        // SAFETY: the library lock is held; `field` holds the `size` bytes of one `kind`.
        h5check(unsafe { H5Awrite(attribute.0, kind.0, field.as_ptr().cast()) })
    })
    .map(drop)
    .map_err(refused(object, name))
}

/// Reads the attribute if it is one fixed-length text, else `None`.
pub(super) fn read(attribute: &Attribute) -> hdf5::Result<Option<String>> {
    let kind = attribute.dtype()?;
    let is_fixed = hdf5::sync::sync(|| {
        // SAFETY: the library lock is held and `kind` is open.
        let is_text = unsafe { H5Tget_class(kind.id()) } == H5T_class_t::H5T_STRING;
        // SAFETY: as above.
        is_text && unsafe { H5Tis_variable_str(kind.id()) } == 0
    });
    if !is_fixed || attribute.size() != 1 {
        return Ok(None);
    }
    if kind.size() > LONGEST {
        return Err(format!("text of {} bytes; at most {LONGEST} are read", kind.size()).into());
    }
    let mut field = vec![0_u8; kind.size()];
    hdf5::sync::sync(|| {
        // SAFETY: the library lock is held; the attribute has one element of type `kind`, whose
        // size `field` has.
        h5check(unsafe { H5Aread(attribute.id(), kind.id(), field.as_mut_ptr().cast()) })
    })?;
    let text = field.split(|&byte| byte == 0).next().unwrap_or_default();
    Ok(Some(String::from_utf8_lossy(text).into_owned()))
}

fn string_type(size: usize, padding: Padding) -> hdf5::Result<hid_t> {
    let padding = match padding {
        Padding::NulTerminated => H5T_str_t::H5T_STR_NULLTERM,
        Padding::NulPadded => H5T_str_t::H5T_STR_NULLPAD,
    };
    // SAFETY: the caller holds the library lock; `H5T_C_S1` exists once the library is initialised.
    let kind = Id(
        h5check(unsafe { H5Tcopy(*hdf5::globals::H5T_C_S1) })?,
        H5Tclose,
    );
    // SAFETY: the caller holds the library lock; `kind` is a type of our own that may be modified.
    unsafe {
        h5check(H5Tset_size(kind.0, size))?;
        h5check(H5Tset_strpad(kind.0, padding))?;
        h5check(H5Tset_cset(kind.0, H5T_cset_t::H5T_CSET_ASCII))?;
    }
    Ok(kind.release())
}

/// An identifier with the call that closes it. Lives only while the library lock is held.
struct Id(hid_t, unsafe extern "C" fn(hid_t) -> hdf5_sys::h5::herr_t);

impl Id {
    fn release(self) -> hid_t {
        let id = self.0;
        std::mem::forget(self);
        id
    }
}

impl Drop for Id {
    fn drop(&mut self) {
        // SAFETY: the identifier came from the matching create call, is owned by this value alone,
        // and the library lock is held (see the type).
        unsafe { (self.1)(self.0) };
    }
}
