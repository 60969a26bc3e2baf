//! Runs jobwise kernels across MPI ranks.
//!
//! [`MpiComm`] is the ranks of `mpirun` as a [`Comm`](jobwise_core::Comm); [`MpiBackend`] puts it
//! around any backend of one rank: one rank per node with threads inside, or many ranks of one
//! thread each.
//!
//! * MPI is initialised by [`MpiComm::world`], not before: a program that never asks for it starts
//!   without.
//! * Every MPI call returns its error as a value that names the call.
//! * An uncaught panic on any rank, and [`abort`], end the job on all ranks with a message and a
//!   non-zero status.
//! * [`run_guarded`] and [`guarded`] end the job when one rank fails and the others wait for it.
//! * A watchdog thread on each rank ends the job when a neighbour gives no sign of life, or when
//!   `mpirun` is gone ([`Watchdog`]). It also serves the shared words of this rank to other nodes
//!   while the rank computes.
//! * Ranks of one node share memory that has no name, so nothing is left of it however a job ends.
//!   The environment variable `JOBWISE_PSEUDO_NODES`, a number of nodes or a node for each rank
//!   (`0,0,1`), divides one machine into several, for tests.
//! * Words of several nodes are one-sided where MPI has such operations, and asked for by messages
//!   where it does not, or where `JOBWISE_WORDS=messages` is set.
//! * All other MPI calls are made on the thread that called [`MpiComm::world`].

mod abort;
mod call;
mod cluster;
mod comm;
mod counter;
mod far_words;
mod guard;
mod kept;
mod launch;
mod layout;
mod link;
mod messages;
mod onesided;
mod progress;
mod watchdog;

pub use abort::abort;
pub use comm::MpiComm;
pub use guard::{guarded, run_guarded};
pub use watchdog::Watchdog;

/// The communicator of all ranks, for libraries that call MPI themselves (parallel HDF5): on the
/// thread that called [`MpiComm::world`], and while that value lives.
pub fn raw_world() -> mpi::ffi::MPI_Comm {
    // SAFETY: reads a constant of the library; what is done with it is the caller's.
    unsafe { mpi::ffi::RSMPI_COMM_WORLD }
}

/// A backend of one rank, among the ranks of `mpirun`.
pub type MpiBackend<B> = jobwise_core::Across<MpiComm, B>;
