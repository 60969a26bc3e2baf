//! The beginning and the end of MPI in a process.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use jobwise_core::{Error, Result, panics};
use mpi::Threading;
use mpi::environment::Universe;
use mpi::ffi;

use crate::watchdog::Watching;

/// MPI from its initialisation to its end.
pub(crate) struct Session {
    watching: Option<Watching>,
    _universe: Universe,
}

/// Whether MPI can be aborted: it is initialised and not ended.
static RUNNING: AtomicBool = AtomicBool::new(false);

impl Session {
    pub(crate) fn begin() -> Result<Session> {
        prefer("OMPI_MCA_osc", "^rdma");
        prefer("OMPI_MCA_mpi_yield_when_idle", "1");
        let failed = |what: &str| Error::Backend(what.into());
        let (universe, granted) = mpi::initialize_with_threading(Threading::Multiple)
            .ok_or_else(|| failed("MPI was initialised before in this process"))?;
        RUNNING.store(true, Ordering::SeqCst);
        if granted != Threading::Multiple {
            return Err(failed(
                "this MPI library does not allow calls from several threads (MPI_THREAD_MULTIPLE), which the watchdog needs",
            ));
        }
        abort_on_panic();
        Ok(Session {
            watching: None,
            _universe: universe,
        })
    }

    pub(crate) fn watch(&mut self, watching: Watching) {
        self.watching = Some(watching);
    }

    pub(crate) fn stop_watching(&mut self) {
        if let Some(watching) = self.watching.take() {
            watching.stop();
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        RUNNING.store(false, Ordering::SeqCst);
    }
}

/// Sets an option of Open MPI that the user has not set. Open MPI 4.1's one-sided `rdma` component fails across nodes and
/// crashes on one; and ranks that outnumber processors must yield while they wait.
fn prefer(option: &str, value: &str) {
    if std::env::var_os(option).is_none() {
        // SAFETY: MPI is initialised once, by the main thread, before the backend that might start threads is made; other
        // threads of this process (signal handling) do not touch the environment.
        unsafe { std::env::set_var(option, value) };
    }
}

/// An uncaught panic on one rank would leave the others waiting for ever: it ends all.
fn abort_on_panic() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panics::is_caught() {
            before(panic);
            abort(101);
        }
    }));
}

/// Ends the job on all ranks, at once, with this exit status; MPI is not ended in order. Callable from any thread.
pub fn abort(status: i32) -> ! {
    if RUNNING.load(Ordering::SeqCst) {
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
