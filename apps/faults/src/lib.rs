//! For tests only: what disks, kills and other programs do to ours.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Fault`], [`Operation`] | one system call that fails, or at which the process is killed |
//! | [`Walk`] | a command, run once for each fault, and judged |
//! | [`tree`] | the files below a directory |
//! | [`damage`] | files with flipped bits, cut, overwritten, spliced |
//! | [`forked`] | a function in a child process with a time limit |
//!
//! The calls are caught by a small library that the dynamic linker loads before the system's (`shim.c`, built by `gcc` when
//! a test needs it). A test in an application names the commands; what is right is the same for all ([`Walk::run`]).

pub mod damage;
mod fault;
#[allow(unsafe_code)]
pub mod forked;
mod shim;
mod tree;
mod walk;

pub use fault::{Effect, Fault, Operation};
pub use tree::{Tree, tree};
pub use walk::{Tally, Walk};
