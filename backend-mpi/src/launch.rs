//! The beginning and the end of MPI in a process.

use jobwise_core::{Error, Result, panics};
use mpi::Threading;
use mpi::environment::Universe;

use crate::abort;
use crate::watchdog::Watching;

/// MPI from its initialisation to its end.
pub(crate) struct Session {
    watching: Option<Watching>,
    _universe: Universe,
}

impl Session {
    pub(crate) fn begin() -> Result<Session> {
        prefer("OMPI_MCA_osc", "^rdma,pt2pt");
        prefer("OMPI_MCA_mpi_yield_when_idle", "1");
        let failed = |what: &str| Error::Backend(what.into());
        let (universe, granted) = mpi::initialize_with_threading(Threading::Multiple)
            .ok_or_else(|| failed("MPI was initialised before in this process"))?;
        abort::possible(true);
        if granted != Threading::Multiple {
            return Err(failed(
                "this MPI library does not allow calls from several threads (MPI_THREAD_MULTIPLE), \
                 which the watchdog needs",
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
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(watching) = self.watching.take()
            && !std::thread::panicking()
        {
            watching.stop();
        }
        abort::possible(false);
    }
}

/// Sets an option of Open MPI that the user has not set. Open MPI 4.1's one-sided `rdma` component
/// fails across nodes and crashes on one, and its `pt2pt` refuses calls from several threads, with
/// a text of its own on the terminal; and ranks that outnumber processors must yield while they
/// wait.
fn prefer(option: &str, value: &str) {
    if std::env::var_os(option).is_none() {
        // SAFETY: MPI is initialised once, by the main thread, before the backend that might start
        // threads is made; other threads of this process (signal handling) do not touch the
        // environment.
        unsafe { std::env::set_var(option, value) };
    }
}

/// An uncaught panic on one rank would leave the others waiting for ever: it ends all.
fn abort_on_panic() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panics::is_caught() {
            before(panic);
            abort::abort(101);
        }
    }));
}
