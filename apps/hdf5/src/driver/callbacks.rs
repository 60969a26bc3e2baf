//! What the library calls.

use std::cell::RefCell;
use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_uint, c_ulong, c_void};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use hdf5::globals::{H5E_ERR_CLS, H5E_IO, H5E_WRITEERROR};
use hdf5_sys::h5::{haddr_t, herr_t};
use hdf5_sys::h5e::{H5E_DEFAULT, H5Epush2};
use hdf5_sys::h5f::H5F_ACC_RDONLY;
use hdf5_sys::h5i::hid_t;

use super::layout::OpenFile;
use crate::global_heap;
use crate::storage::{Shared, Storage, lock};
use crate::stored::Stored;

const FAILED: herr_t = -1;

/// What the library gets for "no such address".
const UNDEFINED: haddr_t = haddr_t::MAX;

thread_local! {
    /// What the next file opened on this thread is opened over. Files that the library opens by
    /// itself (external links) find nothing here: they can be read only.
    pub(super) static OPENING: RefCell<Option<Shared>> = const { RefCell::new(None) };
}

/// Runs a callback's body; a panic becomes the failure value, as it must not unwind into the
/// library.
fn contained<T>(failed: T, body: impl FnOnce() -> Option<T>) -> T {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Some(value)) => value,
        Ok(None) | Err(_) => failed,
    }
}

/// The storage of an open file.
///
/// # Safety
/// `file` comes from [`on_open`] and was not closed, as the library guarantees for what it passes
/// to callbacks.
unsafe fn storage_of<'a>(file: *const OpenFile) -> MutexGuard<'a, dyn Storage> {
    // SAFETY: the caller's promise; only a shared reference to the last field is made, which the
    // library never touches.
    lock(unsafe { &*(*file).storage })
}

/// Puts the system's answer where the library keeps its reasons: the innermost is what its messages
/// end with.
fn say_why(outcome: io::Result<()>) -> Option<herr_t> {
    if let Err(error) = &outcome
        && let Ok(reason) = CString::new(error.to_string())
    {
        let here = c"jobwise".as_ptr();
        // SAFETY: the library lock is held by whoever called the library, which calls this; all
        // texts end with a NUL and live until the call returns, which copies them; the format takes
        // one text.
        unsafe {
            H5Epush2(
                H5E_DEFAULT,
                here,
                here,
                0,
                *H5E_ERR_CLS,
                *H5E_IO,
                *H5E_WRITEERROR,
                c"%s".as_ptr(),
                reason.as_ptr(),
            );
        }
    }
    outcome.ok().map(|()| 0)
}

pub(super) unsafe extern "C" fn on_open(
    name: *const c_char,
    flags: c_uint,
    _: hid_t,
    _: haddr_t,
) -> *mut OpenFile {
    contained(std::ptr::null_mut(), || {
        let storage = match OPENING.take() {
            Some(storage) => storage,
            // An external link, found while a file is read.
            None if flags == H5F_ACC_RDONLY => {
                // SAFETY: the library passes a text that ends with a NUL.
                let name = unsafe { CStr::from_ptr(name) };
                let stored = Stored::open(Path::new(OsStr::from_bytes(name.to_bytes()))).ok()?;
                Arc::new(Mutex::new(stored))
            }
            None => return None,
        };
        Some(Box::into_raw(Box::new(OpenFile {
            driver_id: 0,
            class: std::ptr::null(),
            fileno: 0,
            access_flags: 0,
            feature_flags: 0,
            maxaddr: 0,
            base_addr: 0,
            threshold: 0,
            alignment: 0,
            paged_aggr: 0,
            storage,
        })))
    })
}

pub(super) unsafe extern "C" fn on_close(file: *mut OpenFile) -> herr_t {
    contained(FAILED, || {
        // SAFETY: `file` comes from `on_open`, and the library does not use it after this call.
        let file = unsafe { Box::from_raw(file) };
        lock(&*file.storage).close();
        Some(0)
    })
}

pub(super) unsafe extern "C" fn on_query(file: *const OpenFile, flags: *mut c_ulong) -> herr_t {
    /// Metadata and small data in blocks; small raw data through a sieve.
    const FEATURES: c_ulong = 0x01 | 0x08 | 0x10;
    /// Metadata accumulated.
    const ACCUMULATED: c_ulong = 0x02 | 0x04;
    contained(FAILED, || {
        // SAFETY: the library asks without a file too, else see `storage_of`.
        let accumulates = file.is_null() || unsafe { storage_of(file) }.accumulates();
        if !flags.is_null() {
            let features = FEATURES | if accumulates { ACCUMULATED } else { 0 };
            // SAFETY: the library passes the address of a variable of its own.
            unsafe { *flags = features };
        }
        Some(0)
    })
}

pub(super) unsafe extern "C" fn on_get_eoa(file: *const OpenFile, _: c_int) -> haddr_t {
    // SAFETY: see `storage_of`.
    contained(UNDEFINED, || Some(unsafe { storage_of(file) }.allocated()))
}

pub(super) unsafe extern "C" fn on_set_eoa(file: *mut OpenFile, _: c_int, end: haddr_t) -> herr_t {
    contained(FAILED, || {
        // SAFETY: see `storage_of`.
        unsafe { storage_of(file) }.allocate(end);
        Some(0)
    })
}

pub(super) unsafe extern "C" fn on_get_eof(file: *const OpenFile, _: c_int) -> haddr_t {
    // SAFETY: see `storage_of`.
    contained(UNDEFINED, || Some(unsafe { storage_of(file) }.length()))
}

pub(super) unsafe extern "C" fn on_get_handle(
    file: *mut OpenFile,
    _: hid_t,
    handle: *mut *mut c_void,
) -> herr_t {
    // SAFETY: the library passes a file of ours that is open, and the address of a variable.
    unsafe { *handle = (&raw mut (*file).storage).cast() };
    0
}

pub(super) unsafe extern "C" fn on_read(
    file: *mut OpenFile,
    _: c_int,
    _: hid_t,
    address: haddr_t,
    size: usize,
    into: *mut c_void,
) -> herr_t {
    contained(FAILED, || {
        address.checked_add(size as u64)?;
        if size == 0 {
            return Some(0);
        }
        // SAFETY: the library passes room for `size` bytes, which nobody else uses during the call.
        // It may be uninitialised, so it is filled first.
        let into = unsafe {
            std::ptr::write_bytes(into.cast::<u8>(), 0, size);
            std::slice::from_raw_parts_mut(into.cast::<u8>(), size)
        };
        // SAFETY: see `storage_of`.
        let read = unsafe { storage_of(file) }.read(address, into);
        // The library calls heaps raw data here, so all that begins as one is looked at.
        say_why(read.and_then(|()| global_heap::check(into)))
    })
}

pub(super) unsafe extern "C" fn on_write(
    file: *mut OpenFile,
    _: c_int,
    _: hid_t,
    address: haddr_t,
    size: usize,
    bytes: *const c_void,
) -> herr_t {
    contained(FAILED, || {
        address.checked_add(size as u64)?;
        if size == 0 {
            return Some(0);
        }
        // SAFETY: the library passes `size` bytes, which it does not change during the call.
        let bytes = unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), size) };
        // SAFETY: see `storage_of`.
        say_why(unsafe { storage_of(file) }.write(address, bytes))
    })
}
