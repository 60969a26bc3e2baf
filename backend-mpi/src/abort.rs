use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use mpi::ffi;

/// Whether MPI can be aborted: it is initialised and not ended.
static RUNNING: AtomicBool = AtomicBool::new(false);

/// From the initialisation of MPI (`true`) to its end (`false`), [`abort`] ends all ranks.
pub(crate) fn possible(now: bool) {
    RUNNING.store(now, Ordering::SeqCst);
}

/// Whether MPI is initialised and not ended.
pub(crate) fn running() -> bool {
    RUNNING.load(Ordering::SeqCst)
}

/// Ends the job on all ranks, at once, with this exit status; MPI is not ended in order. Callable
/// from any thread.
pub fn abort(status: i32) -> ! {
    if running() {
        // A broken network must not keep this rank: it ends even if the abort does not come back.
        thread::spawn(move || {
            thread::sleep(Duration::from_secs(2));
            // SAFETY: _exit ends the process without running anything else of it.
            unsafe { libc::_exit(status) }
        });
        // SAFETY: MPI is initialised and not ended.
        unsafe { ffi::MPI_Abort(ffi::RSMPI_COMM_WORLD, status) };
    }
    process::exit(status)
}
