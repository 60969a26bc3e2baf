//! The analysis of a recording, end to end: which samples, which files, on which backend.
//!
//! An output file has `num_cohints_per_file` integrations; a job `(index, count)` does the files
//! `index, index + count, ...`. An integration is the item that a lane computes; a file is written
//! by the one rank that has all its integrations, when it has them, and appears complete or not at
//! all. [`Follow`] does the same to a recording that is still being written.

mod ahead;
mod current;
mod described;
#[cfg(feature = "cuda")]
mod device;
mod earlier;
mod files;
mod follow;
mod kernel;
mod leftovers;
mod opened;
mod plan;
mod pointing;
mod refine;
mod run;
mod source;
mod survey;
mod window;

pub use follow::{Follow, Followed};
pub use plan::{Plan, Request};
pub use run::{Analysis, Summary};
pub use source::Counts;
pub use window::{Anchor, Window};
