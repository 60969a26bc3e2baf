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
    /// A file, or an object in it, is not what it should be.
    #[error("{}: {object}: {problem}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The group, dataset or attribute.
        object: String,
        /// What is wrong with it and what to do.
        problem: String,
    },
    /// A stored file cannot be read or written.
    #[error(transparent)]
    Stored(#[from] jobwise_hdf5::Error),
    /// The run was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The request itself cannot be met.
    #[error("{0}")]
    Request(String),
}

/// A result of this application's library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Puts the address of an object before an answer of the HDF5 library.
pub(crate) fn refused(
    path: impl Into<PathBuf>,
    object: impl Into<String>,
) -> impl Fn(hdf5::Error) -> Error {
    let (path, object) = (path.into(), object.into());
    move |source| {
        Error::Stored(jobwise_hdf5::Error::Hdf5 {
            path: path.clone(),
            object: object.clone(),
            source,
        })
    }
}

/// An error of the application, as the engine carries it.
pub(crate) fn engine_error(error: Error) -> jobwise_core::Error {
    match error {
        Error::Cancelled => jobwise_core::Error::Cancelled,
        other => jobwise_core::Error::Program(other.into()),
    }
}
