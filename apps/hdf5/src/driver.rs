//! A file driver below the HDF5 library that reads and writes through a [`Storage`] of ours.
//!
//! The library drops errors: one that a write meets while a dataset is closed goes with the handle.
//! A storage sees every write, and keeps the first error for whoever asks at the end.
//!
//! The two structures are declared here after `H5FDpublic.h` of HDF5 1.10.8; a file that another
//! version of the library would get wrong is not opened ([`is_known`]).

use std::cell::RefCell;
use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_uint, c_ulong, c_void};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use hdf5::file::{FileAccess, FileAccessBuilder, FileCloseDegree};
use hdf5::globals::{H5E_ERR_CLS, H5E_IO, H5E_WRITEERROR};
use hdf5::h5check;
use hdf5_sys::h5::{H5get_libversion, haddr_t, hbool_t, herr_t, hsize_t};
use hdf5_sys::h5e::{H5E_DEFAULT, H5Epush2};
use hdf5_sys::h5f::{
    H5F_ACC_RDONLY, H5F_ACC_RDWR, H5F_ACC_TRUNC, H5Fcreate, H5Fget_vfd_handle, H5Fopen,
};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::{H5P_DEFAULT, H5Pget_driver, H5Pset_driver};

use super::Left;
use super::global_heap;
use super::stored::Stored;

/// What the library takes for a file. Addresses and lengths are bytes from its start.
pub(super) trait Storage: Send {
    /// Fills `into` from `address`. What lies beyond the end of a file that is written is zeros;
    /// of one that is only read it is an error.
    ///
    /// # Errors
    /// The system's answer; the storage of a file that is written keeps it.
    fn read(&mut self, address: u64, into: &mut [u8]) -> io::Result<()>;

    /// Takes `bytes` as what is at `address`.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn write(&mut self, address: u64, bytes: &[u8]) -> io::Result<()>;

    /// The end of the space that the library uses.
    fn allocated(&self) -> u64;

    /// The library uses the space up to `end`.
    fn allocate(&mut self, end: u64);

    /// The end of the file.
    fn length(&self) -> u64;

    /// Whether the library keeps metadata that lie side by side together. It crashes over that in
    /// damaged files, and gains nothing by it where it only reads.
    fn accumulates(&self) -> bool {
        true
    }

    /// The library has closed the file and asks for nothing more.
    fn close(&mut self);
}

/// A storage that the library's callbacks use, and that its owner asks afterwards.
pub(super) type Shared = Arc<Mutex<dyn Storage>>;

/// The storage, also after a panic elsewhere: each of its own steps is complete or noted as failed.
pub(super) fn lock<S: ?Sized>(storage: &Mutex<S>) -> MutexGuard<'_, S> {
    storage.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the library at hand is one whose driver layout is declared here.
pub(super) fn is_known() -> bool {
    let (mut major, mut minor, mut release) = (0, 0, 0);
    // SAFETY: the library lock is held; the three numbers are written to live variables.
    hdf5::sync::sync(|| unsafe {
        H5get_libversion(&raw mut major, &raw mut minor, &raw mut release)
    });
    (major, minor) == (1, 10) && release >= 7
}

/// Opens a file for reading and writing over `storage`. Closing it closes every object in it.
pub(super) fn open(path: &Path, storage: Shared) -> hdf5::Result<hdf5::File> {
    let access = access(FileCloseDegree::Strong)?;
    over(path, storage, &access, |name, access| {
        // SAFETY: the library lock is held; `name` ends with a NUL and `access` is open.
        unsafe { H5Fopen(name.as_ptr(), H5F_ACC_RDWR, access) }
    })
}

/// Opens a file for reading. It stays open until the last object in it is closed.
pub(super) fn open_to_read(path: &Path) -> hdf5::Result<hdf5::File> {
    over_stored(path, Stored::open(path), &access(FileCloseDegree::Weak)?)
}

/// As [`open_to_read`], with room for `chunks` bytes of decoded chunks per dataset. Where a piece
/// of a contiguous dataset is shorter than `sieve` bytes, so many are read.
pub(super) fn open_buffered(path: &Path, chunks: usize, sieve: usize) -> hdf5::Result<hdf5::File> {
    over_stored(path, Stored::open(path), &buffered(chunks, sieve)?)
}

/// As [`open_buffered`], of what is left of a file. What is asked for is read and no more, so that
/// a read that fails lacks something that was asked for.
pub(super) fn open_cut(path: &Path, left: Left, chunks: usize) -> hdf5::Result<hdf5::File> {
    over_stored(path, Stored::open_cut(path, left), &buffered(chunks, 0)?)
}

/// Access with buffers of these sizes. 521 slots is the library's default; weight 0 evicts the
/// chunk that was used longest ago.
fn buffered(chunks: usize, sieve: usize) -> hdf5::Result<FileAccess> {
    FileAccessBuilder::new()
        .fclose_degree(FileCloseDegree::Weak)
        .chunk_cache(521, chunks, 0.0)
        .sieve_buf_size(sieve)
        .finish()
}

fn over_stored(
    path: &Path,
    stored: io::Result<Stored>,
    access: &FileAccess,
) -> hdf5::Result<hdf5::File> {
    let storage = Arc::new(Mutex::new(stored.map_err(|error| error.to_string())?));
    over(path, storage, access, |name, access| {
        // SAFETY: the library lock is held; `name` ends with a NUL and `access` is open.
        unsafe { H5Fopen(name.as_ptr(), H5F_ACC_RDONLY, access) }
    })
}

/// Makes an empty file over `storage`, which must be empty too. Closing it closes every object in
/// it.
pub(super) fn create(path: &Path, storage: Shared) -> hdf5::Result<hdf5::File> {
    let access = access(FileCloseDegree::Strong)?;
    over(path, storage, &access, |name, access| {
        // SAFETY: the library lock is held; `name` ends with a NUL and `access` is open.
        unsafe { H5Fcreate(name.as_ptr(), H5F_ACC_TRUNC, H5P_DEFAULT, access) }
    })
}

fn access(degree: FileCloseDegree) -> hdf5::Result<FileAccess> {
    FileAccessBuilder::new().fclose_degree(degree).finish()
}

fn over(
    path: &Path,
    storage: Shared,
    access: &FileAccess,
    call: impl FnOnce(&CStr, hid_t) -> hid_t,
) -> hdf5::Result<hdf5::File> {
    let name = CString::new(path.as_os_str().as_bytes()).map_err(|_| "the path contains a NUL")?;
    hdf5::sync::sync(|| {
        let driver = DRIVER.clone()?;
        // SAFETY: the library lock is held; the list is open and ours, the driver is registered for
        // the life of the process and has no properties of its own.
        h5check(unsafe { H5Pset_driver(access.id(), driver, std::ptr::null()) })?;
        OPENING.set(Some(storage));
        let id = h5check(call(&name, access.id()));
        OPENING.set(None);
        // SAFETY: the identifier comes from the call above and is given away once.
        unsafe { hdf5::from_id::<hdf5::File>(id?) }
    })
}

/// What an open file is read from; `None` where the library opened it with a driver of its own.
pub(super) fn storage(file: &hdf5::File) -> hdf5::Result<Option<Shared>> {
    if !is_known() {
        return Ok(None);
    }
    hdf5::sync::sync(|| {
        let access = file.access_plist()?;
        // SAFETY: the library lock is held and the list is open.
        if h5check(unsafe { H5Pget_driver(access.id()) })? != DRIVER.clone()? {
            return Ok(None);
        }
        let mut handle = std::ptr::null_mut();
        // SAFETY: the library lock is held and the file is open; the handle goes into a variable of
        // ours.
        h5check(unsafe { H5Fget_vfd_handle(file.id(), H5P_DEFAULT, &raw mut handle) })?;
        // SAFETY: the driver is ours, so this is what `on_get_handle` gave: the storage of a file
        // that is open, as `file` is.
        Ok(Some(unsafe { (*handle.cast::<Shared>()).clone() }))
    })
}

thread_local! {
    /// What the next file opened on this thread is opened over. Files that the library opens by
    /// itself (external links) find nothing here: they can be read only.
    static OPENING: RefCell<Option<Shared>> = const { RefCell::new(None) };
}

static DRIVER: LazyLock<hdf5::Result<hid_t>> = LazyLock::new(|| {
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

/// A callback that this driver does without.
type Absent = Option<unsafe extern "C" fn()>;

/// `H5FD_class_t`.
#[repr(C)]
struct Class {
    name: *const c_char,
    maxaddr: haddr_t,
    fc_degree: c_int,
    terminate: Absent,
    superblock: [Absent; 3],
    fapl_size: usize,
    fapl: [Absent; 3],
    dxpl_size: usize,
    dxpl: [Absent; 2],
    open: unsafe extern "C" fn(*const c_char, c_uint, hid_t, haddr_t) -> *mut OpenFile,
    close: unsafe extern "C" fn(*mut OpenFile) -> herr_t,
    cmp: Absent,
    query: unsafe extern "C" fn(*const OpenFile, *mut c_ulong) -> herr_t,
    get_type_map: Absent,
    alloc: Absent,
    free: Absent,
    get_eoa: unsafe extern "C" fn(*const OpenFile, c_int) -> haddr_t,
    set_eoa: unsafe extern "C" fn(*mut OpenFile, c_int, haddr_t) -> herr_t,
    get_eof: unsafe extern "C" fn(*const OpenFile, c_int) -> haddr_t,
    get_handle: unsafe extern "C" fn(*mut OpenFile, hid_t, *mut *mut c_void) -> herr_t,
    read: unsafe extern "C" fn(*mut OpenFile, c_int, hid_t, haddr_t, usize, *mut c_void) -> herr_t,
    write:
        unsafe extern "C" fn(*mut OpenFile, c_int, hid_t, haddr_t, usize, *const c_void) -> herr_t,
    flush: Absent,
    truncate: Absent,
    lock: Absent,
    unlock: Absent,
    free_list_map: [c_int; 7],
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

/// `H5FD_t`, which belongs to the library, and after it what belongs to us.
#[repr(C)]
struct OpenFile {
    driver_id: hid_t,
    class: *const Class,
    fileno: c_ulong,
    access_flags: c_uint,
    feature_flags: c_ulong,
    maxaddr: haddr_t,
    base_addr: haddr_t,
    threshold: hsize_t,
    alignment: hsize_t,
    paged_aggr: hbool_t,
    storage: Shared,
}

const FAILED: herr_t = -1;

/// What the library gets for "no such address".
const UNDEFINED: haddr_t = haddr_t::MAX;

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

unsafe extern "C" fn on_open(
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

unsafe extern "C" fn on_close(file: *mut OpenFile) -> herr_t {
    contained(FAILED, || {
        // SAFETY: `file` comes from `on_open`, and the library does not use it after this call.
        let file = unsafe { Box::from_raw(file) };
        lock(&*file.storage).close();
        Some(0)
    })
}

unsafe extern "C" fn on_query(file: *const OpenFile, flags: *mut c_ulong) -> herr_t {
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

unsafe extern "C" fn on_get_eoa(file: *const OpenFile, _: c_int) -> haddr_t {
    // SAFETY: see `storage_of`.
    contained(UNDEFINED, || Some(unsafe { storage_of(file) }.allocated()))
}

unsafe extern "C" fn on_set_eoa(file: *mut OpenFile, _: c_int, end: haddr_t) -> herr_t {
    contained(FAILED, || {
        // SAFETY: see `storage_of`.
        unsafe { storage_of(file) }.allocate(end);
        Some(0)
    })
}

unsafe extern "C" fn on_get_eof(file: *const OpenFile, _: c_int) -> haddr_t {
    // SAFETY: see `storage_of`.
    contained(UNDEFINED, || Some(unsafe { storage_of(file) }.length()))
}

unsafe extern "C" fn on_get_handle(
    file: *mut OpenFile,
    _: hid_t,
    handle: *mut *mut c_void,
) -> herr_t {
    // SAFETY: the library passes a file of ours that is open, and the address of a variable.
    unsafe { *handle = (&raw mut (*file).storage).cast() };
    0
}

unsafe extern "C" fn on_read(
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

unsafe extern "C" fn on_write(
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
