//! What every jobwise application shares.
//!
//! | room | what is in it |
//! |---|---|
//! | [`RunFlags`] | the flags that every command that runs a kernel has |
//! | [`Program`], [`Choice`] | from flags to a backend |
//! | [`parse`], [`main`] | command line in; messages and an exit status out, on one rank or many |
//! | [`show_messages`] | warnings, `-v`, `-vv` |
//! | [`print`](print()) | results, also where nobody reads them |
//! | [`Bar`] | progress with rate and time left |
//! | [`signals`] | Ctrl-C, SIGTERM and SIGUSR1 end a run in order |
//! | [`Digest`] | parameters that must not change between a run and its resumption |
//! | [`h5`] | HDF5 beyond the safe bindings |

#![deny(unsafe_code)]

mod backend;
mod digest;
mod exit;
mod flags;
pub mod h5;
mod messages;
mod output;
mod progress;
pub mod signals;

pub use backend::{Choice, Program};
pub use digest::Digest;
pub use exit::{Failure, is_first_rank, main, parse};
pub use flags::{BackendName, RunFlags};
pub use messages::show_messages;
pub use output::print;
pub use progress::Bar;
