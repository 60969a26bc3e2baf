//! What every jobwise application shares.
//!
//! | room | what is in it |
//! |---|---|
//! | [`RunFlags`] | the flags that every command that runs a kernel has |
//! | [`SharingFlags`], [`Sharing`] | how work is dealt: static, dynamic, leased |
//! | [`Program`], [`Choice`] | from flags to a backend |
//! | [`parse`], [`parse_from`], [`main`] | command line in; messages and an exit status out, on one rank or many |
//! | [`show_messages`] | warnings, `-v`, `-vv` |
//! | [`Completions`] | the command that prints completions for a shell |
//! | [`Man`] | the command that writes man pages |
//! | [`print`](print()) | results, also where nobody reads them |
//! | [`visible`] | texts of files without what would command a terminal |
//! | [`Bar`] | progress with rate and time left |
//! | [`signals`] | Ctrl-C, SIGTERM and SIGUSR1 end a run in order |
//! | [`Inputs`] | inputs that cannot be used: named, counted, passed over |
//! | [`Digest`] | parameters that must not change between a run and its resumption |
//! | [`atomic`] | files and directories that appear complete or not at all |
//! | [`LockedFile`] | a file that nobody else has |
//! | [`notes`] | short texts beside the bytes of a file |

#![deny(unsafe_code)]

#[allow(unsafe_code)]
mod allocator;
pub mod atomic;
mod backend;
mod colours;
mod completions;
#[allow(unsafe_code)]
mod crash;
#[cfg(feature = "cuda")]
mod devices;
mod digest;
mod examples;
mod exit;
mod failure;
mod flags;
mod inputs;
mod launcher;
mod locked_file;
mod man;
mod messages;
#[allow(unsafe_code)]
pub mod notes;
mod output;
mod progress;
#[cfg(feature = "mpi")]
mod ranks;
mod sharing;
mod signal_status;
pub mod signals;
mod visible;

pub use backend::{Choice, Program};
pub use completions::Completions;
#[cfg(feature = "cuda")]
pub use devices::threads_beside;
pub use digest::Digest;
pub use exit::{main, parse, parse_from};
pub use failure::Failure;
pub use flags::{BackendName, DeviceName, RunFlags};
pub use inputs::{Inputs, regular_file};
#[cfg(feature = "cuda")]
pub use jobwise_cuda as cuda;
pub use launcher::{is_first_rank, is_launched, started_ranks};
pub use locked_file::LockedFile;
pub use man::Man;
pub use messages::show_messages;
pub use output::{print, print_bytes};
pub use progress::Bar;
pub use sharing::{DivisionName, Sharing, SharingFlags};
pub use visible::visible;
