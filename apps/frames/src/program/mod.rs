//! Programs of one's own: flags, backend and pipelines.
//!
//! [`run`] is the whole `main` of a program that distributes frames to a pipeline of its own, on
//! threads and, built with `--features mpi`, under `mpirun`. `examples/scans.rs` is one.

mod flags;
mod pipelines;

pub use flags::{DistributingFlags, FileFlags, plan, refuse_jobs};
pub use pipelines::run;
