use std::path::PathBuf;

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
    /// A line of a text file is not what it should be.
    #[error("{}: line {line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it and what to do.
        problem: String,
    },
    /// A file as a whole is not what it should be.
    #[error("{}: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it and what to do.
        problem: String,
    },
    /// The run was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The request itself cannot be met.
    #[error("{0}")]
    Request(String),
}

impl Error {
    /// What the system said about a file.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.into();
        move |source| Error::Io { path, source }
    }
}

/// A result of this application's library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<jobwise_kit::atomic::Error> for Error {
    fn from(error: jobwise_kit::atomic::Error) -> Error {
        match error {
            jobwise_kit::atomic::Error::Io { path, source } => Error::Io { path, source },
            jobwise_kit::atomic::Error::Refused {
                path,
                object,
                problem,
            } => Error::File {
                path,
                problem: format!("{object}: {problem}"),
            },
        }
    }
}

impl From<jobwise_hdf5::Error> for Error {
    fn from(error: jobwise_hdf5::Error) -> Error {
        // Its text begins with the path already.
        Error::Request(error.to_string())
    }
}

/// An error of the application, as the engine carries it.
pub(crate) fn engine_error(error: Error) -> jobwise_core::Error {
    match error {
        Error::Cancelled => jobwise_core::Error::Cancelled,
        other => jobwise_core::Error::Program(other.into()),
    }
}
