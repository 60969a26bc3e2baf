//! The driver, registered with the library once.

use std::sync::LazyLock;

use hdf5::h5check;
use hdf5_sys::h5::haddr_t;
use hdf5_sys::h5i::hid_t;

use super::callbacks::{
    on_close, on_get_eoa, on_get_eof, on_get_handle, on_open, on_query, on_read, on_set_eoa,
    on_write,
};
use super::layout::Class;

/// The identifier of the driver.
pub(super) static DRIVER: LazyLock<hdf5::Result<hid_t>> = LazyLock::new(|| {
    hdf5::sync::sync(|| {
        // SAFETY: the library lock is held; the structure is laid out as the library's header says
        // (`is_known` was asked) and is copied by the call; its functions live as long as the
        // process.
        h5check(unsafe { H5FDregister(&raw const CLASS) })
    })
});

unsafe extern "C" {
    // The binding's own declaration takes a structure of another layout.
    fn H5FDregister(class: *const Class) -> hid_t;
}

// SAFETY: the only pointer is to a constant text.
unsafe impl Sync for Class {}

static CLASS: Class = Class {
    name: c"jobwise".as_ptr(),
    maxaddr: i64::MAX as haddr_t,
    fc_degree: 3, // strong
    terminate: None,
    superblock: [None; 3],
    fapl_size: 0,
    fapl: [None; 3],
    dxpl_size: 0,
    dxpl: [None; 2],
    open: on_open,
    close: on_close,
    cmp: None,
    query: on_query,
    get_type_map: None,
    alloc: None,
    free: None,
    get_eoa: on_get_eoa,
    set_eoa: on_set_eoa,
    get_eof: on_get_eof,
    get_handle: on_get_handle,
    read: on_read,
    write: on_write,
    flush: None,
    truncate: None,
    lock: None,
    unlock: None,
    // Free space of raw data (3) apart from that of metadata (1), as in the library's default
    // driver.
    free_list_map: [1, 1, 1, 3, 3, 1, 1],
};
