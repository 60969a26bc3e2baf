//! Bytes between two ranks, on a communicator of our own.

use std::cell::RefCell;
use std::ffi::c_int;
use std::mem::MaybeUninit;

use jobwise_core::Result;
use mpi::ffi;

use crate::abort;
use crate::call::check;

/// A communicator of our own whose calls return errors.
///
/// Sends do not wait: the bytes stay here until MPI has taken them.
pub(crate) struct Link {
    raw: ffi::MPI_Comm,
    rank: c_int,
    size: c_int,
    sending: RefCell<Vec<Sending>>,
}

struct Sending {
    request: ffi::MPI_Request,
    /// What MPI reads from until the request completes. A boxed slice does not move when the list
    /// grows.
    _bytes: Vec<u8>,
}

// SAFETY: handles of MPI objects may be used from any thread when MPI_THREAD_MULTIPLE is granted,
// which Session::begin checks. A Link is its own communicator, and is not Sync: one thread at a
// time uses it and its buffers.
unsafe impl Send for Link {}

impl Link {
    /// Duplicates the world communicator. Collective. MPI must be initialised.
    pub(crate) fn new() -> Result<Link> {
        let mut raw = MaybeUninit::uninit();
        // SAFETY: MPI is initialised (the caller's duty), so the constants are valid; `raw` is
        // ours, and read only after the call that sets it succeeded.
        unsafe {
            let world = ffi::RSMPI_COMM_WORLD;
            // Errors of the duplication itself go through the handler of the original.
            let code = ffi::MPI_Comm_set_errhandler(world, ffi::RSMPI_ERRORS_RETURN);
            check(code, "MPI_Comm_set_errhandler")?;
            check(ffi::MPI_Comm_dup(world, raw.as_mut_ptr()), "MPI_Comm_dup")?;
            Self::of(raw.assume_init())
        }
    }

    /// A link of the ranks that pass the same `colour`, in the order of `key`. Both are below the
    /// number of ranks. Collective.
    pub(crate) fn split(&self, colour: usize, key: usize) -> Result<Link> {
        let mut raw = MaybeUninit::uninit();
        // SAFETY: this link's communicator is valid while it lives; `raw` is ours, and read only
        // after the call that sets it succeeded.
        unsafe {
            let code =
                ffi::MPI_Comm_split(self.raw, colour as c_int, key as c_int, raw.as_mut_ptr());
            check(code, "MPI_Comm_split")?;
            Self::of(raw.assume_init())
        }
    }

    /// A link of the ranks that have memory in common, in their order here. Collective.
    pub(crate) fn split_by_memory(&self) -> Result<Link> {
        let mut raw = MaybeUninit::uninit();
        // SAFETY: as in `split`.
        unsafe {
            let code = ffi::MPI_Comm_split_type(
                self.raw,
                ffi::RSMPI_COMM_TYPE_SHARED,
                0,
                ffi::RSMPI_INFO_NULL,
                raw.as_mut_ptr(),
            );
            check(code, "MPI_Comm_split_type")?;
            Self::of(raw.assume_init())
        }
    }

    /// The lowest of the values that the ranks bring. Collective.
    pub(crate) fn lowest(&self, mine: u64) -> Result<u64> {
        let mut lowest = mine;
        // SAFETY: the communicator is valid while this lives; both values live through the call.
        let code = unsafe {
            ffi::MPI_Allreduce(
                (&raw const mine).cast(),
                (&raw mut lowest).cast(),
                1,
                ffi::RSMPI_UINT64_T,
                ffi::RSMPI_MIN,
                self.raw,
            )
        };
        check(code, "MPI_Allreduce")?;
        Ok(lowest)
    }

    /// # Safety
    /// The communicator is valid and used by nobody else.
    unsafe fn of(raw: ffi::MPI_Comm) -> Result<Link> {
        let (mut rank, mut size) = (0, 0);
        // SAFETY: the communicator is valid (the caller's duty); `rank` and `size` live through the
        // calls.
        unsafe {
            let code = ffi::MPI_Comm_set_errhandler(raw, ffi::RSMPI_ERRORS_RETURN);
            check(code, "MPI_Comm_set_errhandler")?;
            check(ffi::MPI_Comm_rank(raw, &raw mut rank), "MPI_Comm_rank")?;
            check(ffi::MPI_Comm_size(raw, &raw mut size), "MPI_Comm_size")?;
        }
        Ok(Link {
            raw,
            rank,
            size,
            sending: RefCell::default(),
        })
    }

    pub(crate) fn rank(&self) -> usize {
        self.rank as usize
    }

    pub(crate) fn size(&self) -> usize {
        self.size as usize
    }

    /// The communicator, for windows.
    pub(crate) fn raw(&self) -> ffi::MPI_Comm {
        self.raw
    }

    /// Sends at most 2^31 - 1 bytes.
    pub(crate) fn send(&self, to: usize, tag: c_int, bytes: Vec<u8>) -> Result<()> {
        let mut sending = self.sending.borrow_mut();
        Self::forget_sent(&mut sending)?;
        let mut request = MaybeUninit::uninit();
        // SAFETY: the buffer is on the heap and is kept in `sending` until the request has
        // completed; `request` is read only after the call that sets it succeeded.
        let request = unsafe {
            let code = ffi::MPI_Isend(
                bytes.as_ptr().cast(),
                bytes.len() as c_int,
                ffi::RSMPI_UINT8_T,
                to as c_int,
                tag,
                self.raw,
                request.as_mut_ptr(),
            );
            check(code, "MPI_Isend")?;
            request.assume_init()
        };
        sending.push(Sending {
            request,
            _bytes: bytes,
        });
        Ok(())
    }

    /// How many messages MPI has not taken yet.
    pub(crate) fn unsent(&self) -> Result<usize> {
        let mut sending = self.sending.borrow_mut();
        Self::forget_sent(&mut sending)?;
        Ok(sending.len())
    }

    /// Drops the buffers of messages that MPI has taken.
    fn forget_sent(sending: &mut Vec<Sending>) -> Result<()> {
        if sending.is_empty() {
            return Ok(());
        }
        let mut outcome = Ok(());
        sending.retain_mut(|message| {
            let mut complete = 0;
            // SAFETY: the request was set by MPI_Isend and has not completed yet, or it would not
            // be in the list.
            let code = unsafe {
                ffi::MPI_Test(
                    &raw mut message.request,
                    &raw mut complete,
                    ffi::RSMPI_STATUS_IGNORE,
                )
            };
            if let Err(error) = check(code, "MPI_Test") {
                outcome = Err(error);
            }
            complete == 0
        });
        outcome
    }

    /// Lets MPI do what waits to be done on this rank.
    pub(crate) fn progress(&self) -> Result<()> {
        let mut arrived = 0;
        // SAFETY: the communicator is valid while this lives; `arrived` lives through the call.
        let code = unsafe {
            ffi::MPI_Iprobe(
                ffi::RSMPI_ANY_SOURCE,
                ffi::RSMPI_ANY_TAG,
                self.raw,
                &raw mut arrived,
                ffi::RSMPI_STATUS_IGNORE,
            )
        };
        check(code, "MPI_Iprobe")
    }

    /// Takes the next message with this tag, if one has arrived.
    pub(crate) fn take(&self, from: Option<usize>, tag: c_int) -> Result<Option<(usize, Vec<u8>)>> {
        let mut arrived = 0;
        let mut message = MaybeUninit::uninit();
        let mut status = MaybeUninit::uninit();
        // SAFETY: message and status are read only when MPI says that a message was matched, which
        // sets both; the buffer has room for exactly the count MPI gives for this message, and its
        // length is set after MPI has filled it.
        unsafe {
            let from = from.map_or(ffi::RSMPI_ANY_SOURCE, |rank| rank as c_int);
            let code = ffi::MPI_Improbe(
                from,
                tag,
                self.raw,
                &raw mut arrived,
                message.as_mut_ptr(),
                status.as_mut_ptr(),
            );
            check(code, "MPI_Improbe")?;
            if arrived == 0 {
                return Ok(None);
            }
            let status: ffi::MPI_Status = status.assume_init();
            let mut count = 0;
            let code = ffi::MPI_Get_count(&raw const status, ffi::RSMPI_UINT8_T, &raw mut count);
            check(code, "MPI_Get_count")?;
            let mut bytes = Vec::<u8>::with_capacity(count as usize);
            let code = ffi::MPI_Mrecv(
                bytes.as_mut_ptr().cast(),
                count,
                ffi::RSMPI_UINT8_T,
                message.as_mut_ptr(),
                ffi::RSMPI_STATUS_IGNORE,
            );
            check(code, "MPI_Mrecv")?;
            bytes.set_len(count as usize);
            Ok(Some((status.MPI_SOURCE as usize, bytes)))
        }
    }
}

impl Drop for Link {
    /// Gives the communicator back. Whoever keeps links drops them on all ranks together; with a
    /// message still on its way it stays, until MPI ends.
    fn drop(&mut self) {
        let busy = self.unsent().map_or(true, |unsent| unsent > 0);
        if busy || std::thread::panicking() || !abort::running() {
            return;
        }
        // SAFETY: MPI is initialised and not ended, the communicator is ours, and no operation on
        // it is under way. An error has nowhere to go.
        unsafe { ffi::MPI_Comm_free(&raw mut self.raw) };
    }
}
