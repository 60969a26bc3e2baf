use std::path::{Path, PathBuf};

use jobwise_hdf5::Error as Stored;

/// What went wrong, and where. Displays as one line that a user can act on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A file is not what it should be: truncated, foreign, of another version.
    #[error("{}: {problem}", path.display())]
    Format {
        /// The file or directory.
        path: PathBuf,
        /// What is wrong with it and what to do.
        problem: String,
    },
    /// A key of a configuration or metadata file is missing, unknown or impossible.
    #[error("{}: {key}: {problem}", path.display())]
    Setting {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// What is wrong with its value and what to do.
        problem: String,
    },
    /// A stored file cannot be read or written.
    #[error(transparent)]
    Stored(#[from] jobwise_hdf5::Error),
    /// The request itself cannot be met.
    #[error("{0}")]
    Request(String),
}

impl From<jobwise_kit::atomic::Error> for Error {
    fn from(error: jobwise_kit::atomic::Error) -> Error {
        Error::Stored(error.into())
    }
}

impl Error {
    /// The file or directory that it is about.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Error::Io { path, .. } | Error::Format { path, .. } | Error::Setting { path, .. } => {
                Some(path)
            }
            Error::Stored(
                Stored::Io { path, .. } | Stored::Hdf5 { path, .. } | Stored::Format { path, .. },
            ) => Some(path),
            Error::Stored(_) | Error::Request(_) => None,
        }
    }
}

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;
