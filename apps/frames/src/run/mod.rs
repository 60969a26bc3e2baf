//! Scans filtered, and maps made of them, on any backend.
//!
//! Frames are distributed ([`distributor`](crate::distributor)); what comes of them is brought
//! together in one order: that of the files and their frames. Maps have the same bits for any
//! number of threads, and for equal numbers of ranks and of ranks that read.

mod filtering;
mod gathering;
mod mapping;
mod metadata;
mod order;
mod spool;

pub use filtering::{Filtering, filter};
pub use mapping::{Mapping, map};

/// What a run did, on all ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Data frames that were read.
    pub read: usize,
    /// Those of them that gave something.
    pub used: usize,
    /// Frames that were written.
    pub written: u64,
}
