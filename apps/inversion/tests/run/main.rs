//! The command `run`: files of results, and that they are the same whatever happens on the way.

mod bench;
#[cfg(feature = "cuda")]
mod cuda;
mod full_disk;
mod kills;
mod layout;
mod peer;
mod refusals;
mod same_bits;
