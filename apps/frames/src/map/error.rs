use super::Polarization;
use crate::frame;
use crate::object::Units;

/// Why there is no map of something. Displays as one line that a user can act on.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An object of a frame cannot be had.
    #[error(transparent)]
    Frame(#[from] frame::Error),
    /// The objects of a frame do not belong together, or cannot be used.
    #[error("{at}{problem}")]
    Content {
        /// Where the frame was read, with a colon behind it; empty for one that was made here.
        at: String,
        /// What is wrong with it and what to do.
        problem: String,
    },
    /// Samples or maps have another unit than those before.
    #[error("the units change from {before} to {now}")]
    Units {
        /// The unit of what was added before.
        before: Units,
        /// The unit of what was to be added.
        now: Units,
    },
    /// Maps have other pixels.
    #[error("the pixels of maps differ: {before} and {now}")]
    Geometry {
        /// The pixels of the map so far.
        before: String,
        /// The pixels of what was to be added.
        now: String,
    },
    /// Maps have other layers.
    #[error("one map has {before}, another {now}")]
    Layers {
        /// The layers of the map so far.
        before: String,
        /// The layers of what was to be added.
        now: String,
    },
    /// Maps do not agree what Q and U are.
    #[error("the polarization of one map is {before}, of another {now}")]
    Polarization {
        /// Of the map so far.
        before: Polarization,
        /// Of what was to be added.
        now: Polarization,
    },
}

impl Error {
    /// What is wrong with the content of a frame.
    pub(super) fn content(frame: &frame::Frame, problem: impl Into<String>) -> Error {
        Error::Content {
            at: frame.at(),
            problem: problem.into(),
        }
    }

    /// The same error with the place of the frame that it is about.
    pub(super) fn at(self, frame: &frame::Frame) -> Error {
        match self {
            Error::Frame(_) | Error::Content { .. } => self,
            other => Error::content(frame, other.to_string()),
        }
    }
}

/// A result about maps.
pub type Result<T, E = Error> = std::result::Result<T, E>;
