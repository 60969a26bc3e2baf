use crate::frame::{self, Frame};
use crate::input;

/// Why an observation is not exported. Displays as one line that a user can act on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An input cannot be read, or not on.
    #[error(transparent)]
    Input(#[from] input::Error),
    /// An object of a frame cannot be had.
    #[error(transparent)]
    Frame(#[from] frame::Error),
    /// A file cannot be written.
    #[error(transparent)]
    Output(#[from] jobwise_hdf5::Error),
    /// A scan is not what an observation needs.
    #[error("{at}{problem}")]
    Scan {
        /// Where the scan was read, with a colon behind it; empty for one that was made here.
        at: String,
        /// What is wrong with it and what to do.
        problem: String,
    },
    /// The scans of an observation do not belong together.
    #[error("observation {name}: {problem}")]
    Observation {
        /// Its name.
        name: String,
        /// What is wrong with it and what to do.
        problem: String,
    },
}

impl Error {
    pub(super) fn scan(frame: &Frame, problem: impl Into<String>) -> Error {
        Error::Scan {
            at: frame.at(),
            problem: problem.into(),
        }
    }

    pub(super) fn observation(name: &str, problem: impl Into<String>) -> Error {
        Error::Observation {
            name: name.to_owned(),
            problem: problem.into(),
        }
    }
}

/// The result of everything about these files that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;
