//! What the library and a driver share, laid out as the header says.

use std::ffi::{c_char, c_int, c_uint, c_ulong, c_void};

use hdf5_sys::h5::{haddr_t, hbool_t, herr_t, hsize_t};
use hdf5_sys::h5i::hid_t;

use crate::storage::Shared;

/// A callback that this driver does without.
pub(super) type Absent = Option<unsafe extern "C" fn()>;

/// `H5FD_class_t`.
#[repr(C)]
pub(super) struct Class {
    pub(super) name: *const c_char,
    pub(super) maxaddr: haddr_t,
    pub(super) fc_degree: c_int,
    pub(super) terminate: Absent,
    pub(super) superblock: [Absent; 3],
    pub(super) fapl_size: usize,
    pub(super) fapl: [Absent; 3],
    pub(super) dxpl_size: usize,
    pub(super) dxpl: [Absent; 2],
    pub(super) open: unsafe extern "C" fn(*const c_char, c_uint, hid_t, haddr_t) -> *mut OpenFile,
    pub(super) close: unsafe extern "C" fn(*mut OpenFile) -> herr_t,
    pub(super) cmp: Absent,
    pub(super) query: unsafe extern "C" fn(*const OpenFile, *mut c_ulong) -> herr_t,
    pub(super) get_type_map: Absent,
    pub(super) alloc: Absent,
    pub(super) free: Absent,
    pub(super) get_eoa: unsafe extern "C" fn(*const OpenFile, c_int) -> haddr_t,
    pub(super) set_eoa: unsafe extern "C" fn(*mut OpenFile, c_int, haddr_t) -> herr_t,
    pub(super) get_eof: unsafe extern "C" fn(*const OpenFile, c_int) -> haddr_t,
    pub(super) get_handle: unsafe extern "C" fn(*mut OpenFile, hid_t, *mut *mut c_void) -> herr_t,
    pub(super) read:
        unsafe extern "C" fn(*mut OpenFile, c_int, hid_t, haddr_t, usize, *mut c_void) -> herr_t,
    pub(super) write:
        unsafe extern "C" fn(*mut OpenFile, c_int, hid_t, haddr_t, usize, *const c_void) -> herr_t,
    pub(super) flush: Absent,
    pub(super) truncate: Absent,
    pub(super) lock: Absent,
    pub(super) unlock: Absent,
    pub(super) free_list_map: [c_int; 7],
}

/// `H5FD_t`, which belongs to the library, and after it what belongs to us.
#[repr(C)]
pub(super) struct OpenFile {
    pub(super) driver_id: hid_t,
    pub(super) class: *const Class,
    pub(super) fileno: c_ulong,
    pub(super) access_flags: c_uint,
    pub(super) feature_flags: c_ulong,
    pub(super) maxaddr: haddr_t,
    pub(super) base_addr: haddr_t,
    pub(super) threshold: hsize_t,
    pub(super) alignment: hsize_t,
    pub(super) paged_aggr: hbool_t,
    pub(super) storage: Shared,
}
