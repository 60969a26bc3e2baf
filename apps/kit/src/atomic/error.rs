use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a file or directory could not appear. Displays as one line.
#[derive(Debug)]
pub enum Error {
    /// The operating system refused.
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// What is there does not allow it.
    Refused {
        /// The file or directory.
        path: PathBuf,
        /// "file" or "directory".
        object: &'static str,
        /// What is wrong and what to do.
        problem: String,
    },
}

/// The result of what writes whole files and directories.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Puts the address of a file before an answer of the system.
    pub(super) fn io(path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            path: path.as_ref().to_path_buf(),
            source,
        }
    }

    pub(super) fn refused(path: &Path, object: &'static str, problem: &str) -> Self {
        Self::Refused {
            path: path.to_path_buf(),
            object,
            problem: problem.to_owned(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Error::Refused {
                path,
                object,
                problem,
            } => write!(f, "{}: {object}: {problem}", path.display()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { source, .. } => Some(source),
            Error::Refused { .. } => None,
        }
    }
}
