use std::io;

use crate::frame;

/// Why frames cannot be sent. Displays as one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address of a server is none.
    #[error("{0}: addresses of servers are tcp://*:PORT, or tcp://HOST:PORT for one of its own")]
    Address(String),
    /// The system does not give the port.
    #[error("{address}: cannot listen there: {source}")]
    Port {
        /// The address that was asked for.
        address: String,
        /// What the system says.
        source: io::Error,
    },
    /// A frame has no form as bytes.
    #[error("{0}")]
    Frame(#[from] frame::Error),
    /// Frames came after the server had ended.
    #[error("the server has ended")]
    Over,
}

/// A result of a server.
pub type Result<T, E = Error> = std::result::Result<T, E>;
