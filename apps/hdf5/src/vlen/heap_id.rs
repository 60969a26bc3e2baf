//! The references of elements of variable length, as they are stored.
//!
//! The library converts what it reads to the type in memory that it is given. A conversion to bytes
//! without a meaning ("opaque") of the same length is registered here, which leaves the bytes as
//! they are: then the library does not follow the references.

use std::ffi::c_void;
use std::sync::LazyLock;

use hdf5::types::VarLenUnicode;
use hdf5::{Container, Datatype, h5check};
use hdf5_sys::h5::herr_t;
use hdf5_sys::h5a::H5Aread;
use hdf5_sys::h5d::H5Dread;
use hdf5_sys::h5i::{H5I_type_t, H5Iget_type, hid_t};
use hdf5_sys::h5p::H5P_DEFAULT;
use hdf5_sys::h5s::H5S_ALL;
use hdf5_sys::h5t::{
    H5T_cdata_t, H5T_class_t, H5T_cmd_t, H5T_pers_t, H5Tcreate, H5Tget_size, H5Tregister,
};

use super::super::lengths::UNPACKED;

/// Where the value of an element of variable length is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HeapId {
    /// Entries of a list, bytes of a text.
    pub(super) length: u32,
    /// Of the heap, from the base address of the file; 0 for no value.
    pub(super) address: u64,
    /// Of the object in the heap.
    pub(super) index: u32,
}

/// The references of all elements, in the order of these.
///
/// # Errors
/// The elements are not of variable length, are more than the file can hold, or the library
/// refuses.
pub(super) fn read(container: &Container) -> hdf5::Result<Vec<HeapId>> {
    let file = container.file()?;
    let sizes = file.fcpl()?.get_sizes()?;
    let address = sizes.sizeof_addr as usize;
    let width = 4 + address + 4;
    let most = file.size().saturating_mul(UNPACKED);
    let bytes = container.size().checked_mul(width);
    let Some(bytes) = bytes.filter(|&bytes| bytes as u64 <= most) else {
        let count = container.size();
        return Err(format!("claims {count} elements: the file is damaged").into());
    };
    let mut stored = vec![0_u8; bytes];
    hdf5::sync::sync(|| {
        let kind = opaque(width)?;
        CONVERSION.clone()?;
        let into = stored.as_mut_ptr().cast();
        // SAFETY: the library lock is held and the container is open.
        let is_attribute = unsafe { H5Iget_type(container.id()) } == H5I_type_t::H5I_ATTR;
        // SAFETY: the library lock is held, the container and the type are open, and there is room
        // for all of its elements, which take `width` bytes of this type each.
        h5check(unsafe {
            if is_attribute {
                H5Aread(container.id(), kind.id(), into)
            } else {
                let id = container.id();
                H5Dread(id, kind.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, into)
            }
        })
    })?;
    Ok(stored.chunks_exact(width).map(decode).collect())
}

/// Length, address, index, each with its least byte first.
fn decode(stored: &[u8]) -> HeapId {
    let number = |bytes: &[u8]| {
        let digits = bytes.iter().rev();
        digits.fold(0_u64, |number, &byte| number << 8 | u64::from(byte))
    };
    let (length, rest) = stored.split_at(4);
    let (address, index) = rest.split_at(rest.len() - 4);
    HeapId {
        length: number(length) as u32,
        address: number(address),
        index: number(index) as u32,
    }
}

/// The type of `width` bytes without a meaning.
fn opaque(width: usize) -> hdf5::Result<Datatype> {
    // SAFETY: the caller holds the library lock; the identifier is given away once.
    unsafe { hdf5::from_id(h5check(H5Tcreate(H5T_class_t::H5T_OPAQUE, width))?) }
}

/// Registers the conversion, for texts and lists of any kind: the library goes by the class.
static CONVERSION: LazyLock<hdf5::Result<()>> = LazyLock::new(|| {
    hdf5::sync::sync(|| {
        let from = Datatype::from_type::<VarLenUnicode>()?;
        let to = opaque(16)?;
        let name = c"jobwise heap ids".as_ptr();
        let soft = H5T_pers_t::H5T_PERS_SOFT;
        // SAFETY: the library lock is held, both types are open, the name ends with a NUL, and the
        // function lives as long as the process.
        h5check(unsafe { H5Tregister(soft, name, from.id(), to.id(), Some(keep)) })?;
        Ok(())
    })
});

/// The conversion, for types of the same length. Not for lists in memory, which have the length of
/// a reference: nobody converts these to opaque bytes.
extern "C" fn keep(
    from: hid_t,
    to: hid_t,
    state: *mut H5T_cdata_t,
    _: usize,
    _: usize,
    _: usize,
    _: *mut c_void,
    _: *mut c_void,
    _: hid_t,
) -> herr_t {
    // SAFETY: the library holds its lock and passes the state of this conversion, and types that
    // are open when it asks for the first time.
    let is_right = unsafe {
        (*state).command != H5T_cmd_t::H5T_CONV_INIT || H5Tget_size(from) == H5Tget_size(to)
    };
    if is_right { 0 } else { -1 }
}
