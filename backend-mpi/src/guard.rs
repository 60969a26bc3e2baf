use jobwise_core::{Cluster, Comm, Error, Result};

use crate::abort::abort;
use crate::comm::MpiComm;
use crate::watchdog::Watchdog;

/// A whole program on the ranks of `mpirun`: starts MPI, runs `body` on every rank, [`guarded`],
/// and ends MPI. When a rank fails, its error is printed and every process ends with status 1.
/// Collective.
pub fn run_guarded(watchdog: Watchdog, body: impl FnOnce(&MpiComm) -> Result<()>) {
    let comm = MpiComm::world(watchdog).unwrap_or_else(|error| {
        eprintln!("{error}");
        abort(1)
    });
    let mut own = None;
    let outcome = guarded(&comm, |comm| {
        let outcome = body(comm);
        own = outcome.as_ref().err().map(ToString::to_string);
        outcome
    });
    let Err(error) = outcome else { return };
    // One rank has its own error back, and says it.
    if own == Some(error.to_string()) {
        eprintln!("rank {}: {error}", comm.rank());
    }
    drop(comm);
    std::process::exit(1);
}

/// Runs `body` on all ranks so that a failure of some never leaves the others waiting. Collective.
///
/// When every rank comes to the end of its `body`, all return alike: if some failed, the lowest of
/// them its own error and the others [`Error::Peer`]. When a rank fails and the others do not come
/// within 3 s, because they wait for it, it prints its error and ends the job on all ranks with
/// status 1. A panic outside [`caught`](jobwise_core::panics::caught) ends it anyhow.
///
/// # Errors
/// As above; when the transport fails.
pub fn guarded<T>(comm: &MpiComm, body: impl FnOnce(&MpiComm) -> Result<T>) -> Result<T> {
    // Messages of its own: nobody takes "I failed" for the data that it waits for.
    let private = comm.split(0, comm.rank())?;
    let outcome = (&*private as &dyn Comm).agree(body(comm));
    if let Err(Error::Stranded(cause)) = outcome {
        eprintln!("rank {}: {cause}", comm.rank());
        abort(1);
    }
    outcome
}
