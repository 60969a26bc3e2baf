//! Shared counters: 64-bit words in the memory of rank 0, changed by one-sided atomic additions.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;

use jobwise_core::{Counter, Result};
use mpi::ffi;

use crate::call::check;
use crate::link::Link;

/// A window with a word for each of the next counters. One window serves a whole process: windows are a scarce resource,
/// and freeing one is collective, which the end of a failed run is not.
pub(crate) struct Counters {
    window: ffi::MPI_Win,
    rank: usize,
    made: Cell<usize>,
}

impl Counters {
    /// Words are used in turn. All ranks finish with one counter before they make the next but one (a run ends with an
    /// agreement), so half a turn ahead nobody uses a word any more.
    const WORDS: usize = 64;

    /// Makes the window. Collective.
    pub(crate) fn new(link: &Link) -> Result<Counters> {
        let bytes = if link.rank() == 0 { Self::WORDS * 8 } else { 0 };
        let mut base: *mut u64 = std::ptr::null_mut();
        let mut window = MaybeUninit::uninit();
        // SAFETY: MPI is initialised while a Link lives. MPI allocates the memory and owns it until the window is freed; on
        // rank 0 `base` then points to WORDS aligned words that no other rank touches before the barrier.
        let window = unsafe {
            let code = ffi::MPI_Win_allocate(
                bytes as ffi::MPI_Aint,
                8,
                ffi::RSMPI_INFO_NULL,
                link.raw(),
                (&raw mut base).cast::<c_void>(),
                window.as_mut_ptr(),
            );
            check(code, "MPI_Win_allocate")?;
            let window = window.assume_init();
            let code = ffi::MPI_Win_set_errhandler(window, ffi::RSMPI_ERRORS_RETURN);
            check(code, "MPI_Win_set_errhandler")?;
            check(ffi::MPI_Win_lock_all(0, window), "MPI_Win_lock_all")?;
            if link.rank() == 0 {
                std::slice::from_raw_parts_mut(base, Self::WORDS).fill(0);
            }
            check(ffi::MPI_Win_sync(window), "MPI_Win_sync")?;
            check(ffi::MPI_Barrier(link.raw()), "MPI_Barrier")?;
            window
        };
        Ok(Counters {
            window,
            rank: link.rank(),
            made: Cell::new(0),
        })
    }

    fn add(&self, word: usize, n: u64) -> Result<u64> {
        let mut before = 0u64;
        // SAFETY: the window is locked for all ranks since it was made; `n` and `before` live until the flush has completed
        // the operation; `word` is below WORDS.
        unsafe {
            let code = ffi::MPI_Fetch_and_op(
                (&raw const n).cast(),
                (&raw mut before).cast(),
                ffi::RSMPI_UINT64_T,
                0,
                word as ffi::MPI_Aint,
                ffi::RSMPI_SUM,
                self.window,
            );
            check(code, "MPI_Fetch_and_op")?;
            check(ffi::MPI_Win_flush(0 as c_int, self.window), "MPI_Win_flush")?;
        }
        Ok(before)
    }
}

impl Drop for Counters {
    fn drop(&mut self) {
        // SAFETY: dropped by MpiComm alone, on all ranks together, after a barrier, while MPI is still initialised. Errors
        // have nowhere to go: the process is about to end.
        unsafe {
            ffi::MPI_Win_unlock_all(self.window);
            ffi::MPI_Win_free(&raw mut self.window);
        }
    }
}

/// One counter.
pub(crate) struct Shared<'c> {
    counters: &'c Counters,
    word: usize,
}

impl<'c> Shared<'c> {
    /// The next counter, at 0. All ranks make the same counters in the same order.
    pub(crate) fn new(counters: &'c Counters) -> Result<Shared<'c>> {
        let made = counters.made.get();
        counters.made.set(made + 1);
        if counters.rank == 0 {
            let later = (made + Counters::WORDS / 2) % Counters::WORDS;
            let value = counters.add(later, 0)?;
            counters.add(later, value.wrapping_neg())?;
        }
        Ok(Shared {
            counters,
            word: made % Counters::WORDS,
        })
    }
}

impl Counter for Shared<'_> {
    fn fetch_add(&self, n: u64) -> Result<u64> {
        self.counters.add(self.word, n)
    }
}
