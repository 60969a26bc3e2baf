//! For tests only: what disks, kills and other programs do to ours.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Fault`], [`Operation`] | one system call that fails, or at which the process is killed |
//! | [`Walk`] | a command, run once for each fault, and judged |
//! | [`tree`] | the files below a directory |
//! | [`damage`] | files with flipped bits, cut, overwritten, spliced |
//! | [`forked`] | cases in child processes with a time limit |
//! | [`Reader`] | a reader of files that gets damaged ones |
//!
//! The calls are caught by a small library that the dynamic linker loads before the system's
//! (`shim.c`, built by `gcc` when a test needs it). A test in an application names the commands;
//! what is right is the same for all ([`Walk::run`]).

mod asked;
pub mod damage;
mod fault;
#[allow(unsafe_code)]
pub mod forked;
mod fuzz;
mod must;
mod shim;
mod tree;
mod walk;

pub use fault::{Effect, Fault, Operation};
pub use fuzz::Reader;
pub use tree::{Tree, tree};
pub use walk::{Tally, Walk};
