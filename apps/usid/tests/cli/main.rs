//! The command `usid`, from outside.

#[path = "../common/mod.rs"]
mod common;

mod bad_input;
mod bench;
mod cleaning;
#[cfg(feature = "cuda")]
mod cuda;
mod damage;
mod faults;
mod flips;
mod full_disk;
mod kills;
mod known_bad;
mod life_cycle;
mod numbers;
#[cfg(feature = "mpi")]
mod ranks;
mod same_bits;
mod signals;
mod units;
