//! Frames sent over the network to whoever asks.
//!
//! A [`Server`] takes frames and sends each of them to all clients that are connected, as a file of
//! these frames would have them. A client that comes late gets the newest metadata of each type
//! first, in the order in which the types were first seen, and then what comes. [`Serve`] is a
//! module that does so within a pipeline.
//!
//! Each client has a queue of bounded length ([`Limits`]). Where one is full, the source waits,
//! unless data may be dropped: then frames of the types `T` and `S` are left out for that client,
//! and counted. The end closes the connections. Where the source fails, a connection ends within a
//! frame, which is an error for whoever reads it.

mod client;
mod error;
mod limits;
mod serve;
mod server;
mod state;
#[cfg(test)]
mod tests;

pub use error::{Error, Result};
pub use limits::Limits;
pub use serve::Serve;
pub use server::{Served, Server};
