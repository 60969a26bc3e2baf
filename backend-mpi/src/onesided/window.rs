use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;

use jobwise_core::{Error, Result, SharedAtomics};
use mpi::ffi;

use crate::abort;
use crate::call::check;
use crate::link::Link;
use crate::progress::Served;

/// Words in the memory of rank 0, for the ranks of all nodes. Operations of other nodes need that
/// rank to call MPI: its watchdog does, however busy it is.
pub(crate) struct Window {
    raw: ffi::MPI_Win,
    len: usize,
    /// On the owner.
    _served: Option<Served>,
}

/// The rank that has the words.
pub(crate) const OWNER: usize = 0;

impl Window {
    /// Makes a window of `len` words, all 0. Collective.
    ///
    /// # Errors
    /// When MPI cannot make one.
    pub(crate) fn new(link: &Link, len: usize) -> Result<Window> {
        let bytes = len.checked_mul(8).and_then(|n| isize::try_from(n).ok());
        let bytes = bytes.ok_or_else(|| Error::Program(format!("{len} words").into()))?;
        let bytes = if link.rank() == OWNER { bytes } else { 0 };
        let mut base: *mut u64 = std::ptr::null_mut();
        let mut raw = MaybeUninit::uninit();
        // SAFETY: MPI is initialised while a Link lives. MPI allocates the memory and owns it until
        // the window is freed; on its owner `base` then points to `len` aligned words that no other
        // rank touches before the barrier.
        let raw = unsafe {
            let code = ffi::MPI_Win_allocate(
                bytes as ffi::MPI_Aint,
                8,
                ffi::RSMPI_INFO_NULL,
                link.raw(),
                (&raw mut base).cast::<c_void>(),
                raw.as_mut_ptr(),
            );
            check(code, "MPI_Win_allocate")?;
            let raw = raw.assume_init();
            let code = ffi::MPI_Win_set_errhandler(raw, ffi::RSMPI_ERRORS_RETURN);
            check(code, "MPI_Win_set_errhandler")?;
            check(ffi::MPI_Win_lock_all(0, raw), "MPI_Win_lock_all")?;
            if link.rank() == OWNER && len > 0 {
                std::slice::from_raw_parts_mut(base, len).fill(0);
            }
            check(ffi::MPI_Win_sync(raw), "MPI_Win_sync")?;
            check(ffi::MPI_Barrier(link.raw()), "MPI_Barrier")?;
            raw
        };
        Ok(Window {
            raw,
            len,
            _served: (link.rank() == OWNER).then(Served::begin),
        })
    }

    /// Completes what was asked of the owner.
    fn flush(&self) -> Result<()> {
        // SAFETY: the window is locked for all ranks since it was made.
        let code = unsafe { ffi::MPI_Win_flush(OWNER as c_int, self.raw) };
        check(code, "MPI_Win_flush")
    }
}

impl SharedAtomics for Window {
    fn len(&self) -> usize {
        self.len
    }

    /// One-sided reads are not atomic with the other operations; an addition of nothing is.
    fn load(&self, at: usize) -> Result<u64> {
        self.add(at, 0)
    }

    fn add(&self, at: usize, n: u64) -> Result<u64> {
        assert!(at < self.len, "word {at} of {}", self.len);
        let mut before = 0u64;
        // SAFETY: the window is locked for all ranks since it was made and has such a word; `n` and
        // `before` live until the flush has completed the operation.
        unsafe {
            let code = ffi::MPI_Fetch_and_op(
                (&raw const n).cast(),
                (&raw mut before).cast(),
                ffi::RSMPI_UINT64_T,
                OWNER as c_int,
                at as ffi::MPI_Aint,
                ffi::RSMPI_SUM,
                self.raw,
            );
            check(code, "MPI_Fetch_and_op")?;
            self.flush()?;
        }
        Ok(before)
    }

    fn replace(&self, at: usize, expected: u64, new: u64) -> Result<u64> {
        assert!(at < self.len, "word {at} of {}", self.len);
        let mut before = 0u64;
        // SAFETY: as in `add`.
        unsafe {
            let code = ffi::MPI_Compare_and_swap(
                (&raw const new).cast(),
                (&raw const expected).cast(),
                (&raw mut before).cast(),
                ffi::RSMPI_UINT64_T,
                OWNER as c_int,
                at as ffi::MPI_Aint,
                self.raw,
            );
            check(code, "MPI_Compare_and_swap")?;
            self.flush()?;
        }
        Ok(before)
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        if !abort::running() || std::thread::panicking() {
            return;
        }
        // SAFETY: MPI is initialised and not ended. Freeing is collective: whoever keeps windows
        // drops them on all ranks of their group together. Errors have nowhere to go.
        unsafe {
            ffi::MPI_Win_unlock_all(self.raw);
            ffi::MPI_Win_free(&raw mut self.raw);
        }
    }
}
