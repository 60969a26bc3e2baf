use super::TooLong;
use crate::archive;

/// Why an object has no value, or no bytes. Displays as one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are not what their class says.
    #[error("{class}: {source}")]
    Damaged {
        /// The class, as far as it is known.
        class: String,
        /// What is wrong with them, and where.
        source: archive::Error,
    },
    /// The class is not known here; the bytes can be passed on as they are.
    #[error("the class {0} is not known")]
    Unknown(String),
    /// The object is of another class than the one that was asked for.
    #[error("it is a {found} and not a {wanted}")]
    Other {
        /// The class that it has.
        found: String,
        /// The class that was asked for.
        wanted: &'static str,
    },
    /// The gaps of an array are too long.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// The value has no form as bytes.
    #[error("{class}: {problem}")]
    Unwritable {
        /// The class.
        class: &'static str,
        /// What is wrong and what to do.
        problem: String,
    },
}

/// A result about an object.
pub type Result<T, E = Error> = std::result::Result<T, E>;
