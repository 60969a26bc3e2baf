use std::fmt;

/// The error of a kernel, a task or a sink: any error at all, so that `?` works in their bodies.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a run ended early.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// Reading or computing one item failed or panicked.
    Item {
        /// The item's index in its task.
        index: usize,
        /// What happened.
        cause: Cause,
    },
    /// The sink could not be read, written or committed.
    Sink(Cause),
    /// The program around the engine failed, before or after a run.
    Program(Cause),
    /// The backend could not be set up or broke down, or a kernel could not be staged on it.
    Backend(Cause),
    /// Another rank failed; it prints its own error.
    Peer {
        /// The lowest rank that failed.
        rank: usize,
        /// Its error, as text.
        cause: String,
    },
    /// Another rank is gone without a word.
    PeerLost {
        /// The rank, where it is known.
        rank: Option<usize>,
    },
    /// This rank failed and its peers did not come to agree on it in time; the launcher must abort
    /// them.
    Stranded(Box<Error>),
    /// The run was cancelled, here or on another rank. Everything reported as done is committed.
    Cancelled,
    /// A message or a stored record does not decode.
    Malformed(String),
}

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Item { index, cause } => write!(f, "item {index}: {cause}"),
            Error::Sink(cause) | Error::Program(cause) | Error::Backend(cause) => {
                write!(f, "{cause}")
            }
            Error::Peer { rank, cause } => write!(f, "rank {rank}: {cause}"),
            Error::PeerLost { rank: Some(rank) } => write!(f, "rank {rank} is gone"),
            Error::PeerLost { rank: None } => write!(f, "a rank is gone"),
            Error::Stranded(inner) => write!(f, "{inner}"),
            Error::Cancelled => write!(f, "cancelled"),
            Error::Malformed(what) => write!(f, "malformed message: {what}"),
        }
    }
}

impl From<jobwise_claims::Error> for Error {
    fn from(error: jobwise_claims::Error) -> Error {
        Error::Program(Box::new(error))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Item { cause, .. }
            | Error::Sink(cause)
            | Error::Program(cause)
            | Error::Backend(cause) => Some(cause.as_ref()),
            Error::Stranded(inner) => Some(inner.as_ref()),
            _ => None,
        }
    }
}
