//! For tests only: programs with a time limit, what disks, kills and other programs do to ours, and
//! the one way to say that something is not tested.
//!
//! | room | what is in it |
//! |---|---|
//! | [`skipped`], [`impossible_here`] | what is not tested here, said aloud and counted |
//! | [`reference`](reference()), [`digital_rf_source`] | data to compare with |
//! | [`Python`] | other programs, which read our files and write theirs |
//! | [`Running`], [`Ended`], [`until`] | a program at work, with a time limit, and how it ended |
//! | [`number`], [`fraction`] | how many kills, with which seed, at which instants |
//! | [`private`] | name spaces: small disks, other numbers of processes |
//! | [`Fault`], [`Operation`] | one system call that fails, or at which the process is killed |
//! | [`Walk`] | a command, run once for each fault, and judged |
//! | [`tree`](tree()), [`names`] | the files below a directory, the names in it |
//! | [`damage`] | files with flipped bits, cut, overwritten, spliced |
//! | [`forked`] | cases in child processes with a time limit |
//! | [`Reader`] | a reader of files that gets damaged ones |
//! | [`allocations`](allocations()), [`memory`], [`Counting`] | how often memory is asked for, and how much |
//!
//! The calls are caught by a small library that the dynamic linker loads before the system's
//! (`shim.c`, built by `gcc` when a test needs it). A test in an application names the commands;
//! what is right is the same for all ([`Walk::run`]).

#[allow(unsafe_code)]
mod allocations;
mod asked;
pub mod damage;
mod fault;
#[allow(unsafe_code)]
pub mod forked;
mod fuzz;
mod must;
pub mod private;
mod python;
mod reference;
mod running;
mod shim;
mod skip;
mod tree;
mod walk;

pub use allocations::{Counting, allocations, memory};
pub use asked::{fraction, number};
pub use damage::damaged;
pub use fault::{Effect, Fault, Operation};
pub use fuzz::Reader;
pub use python::Python;
pub use reference::{digital_rf_source, reference};
pub use running::{Ended, Running, until};
pub use skip::{impossible_here, skipped};
pub use tree::{Tree, names, tree};
pub use walk::{Tally, Walk};
