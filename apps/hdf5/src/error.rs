use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What went wrong with a stored file, and where. Displays as one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("{}", refused(path, source))]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The HDF5 library refused.
    #[error("{}: {object}: {}", path.display(), one_line(source))]
    Hdf5 {
        /// The file.
        path: PathBuf,
        /// Dataset, group or attribute inside it.
        object: String,
        /// The library's answer.
        source: hdf5::Error,
    },
    /// An object is missing, or not of the expected kind.
    #[error("{}: {object}: {problem}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Dataset, group or attribute inside it.
        object: String,
        /// What is wrong and what to do.
        problem: String,
    },
}

impl Error {
    /// Puts the address of a file before an answer of the system.
    pub fn io(path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io {
            path: path.as_ref().to_path_buf(),
            source,
        }
    }

    /// Puts the address of an object before an answer of the HDF5 library.
    pub fn hdf5(path: impl AsRef<Path>, object: &str) -> impl FnOnce(hdf5::Error) -> Self {
        move |source| Self::Hdf5 {
            path: path.as_ref().to_path_buf(),
            object: object.to_owned(),
            source,
        }
    }
}

/// The system's answer about a file; where it cannot be made, about its directory.
fn refused(path: &Path, source: &std::io::Error) -> String {
    let is_denied = matches!(
        source.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    );
    let directory = path.parent().map(|parent| {
        if parent.as_os_str().is_empty() {
            Path::new(".")
        } else {
            parent
        }
    });
    match directory.filter(|directory| directory.is_dir()) {
        Some(directory) if is_denied && !path.exists() => format!(
            "{}: nothing can be written into the directory {}: {source}",
            path.display(),
            directory.display()
        ),
        _ => format!("{}: {source}", path.display()),
    }
}

impl From<jobwise_kit::atomic::Error> for Error {
    fn from(error: jobwise_kit::atomic::Error) -> Error {
        match error {
            jobwise_kit::atomic::Error::Io { path, source } => Error::Io { path, source },
            jobwise_kit::atomic::Error::Refused {
                path,
                object,
                problem,
            } => Error::Format {
                path,
                object: object.to_owned(),
                problem,
            },
        }
    }
}

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The library's messages, which may hold line breaks when they print a datatype.
fn one_line(source: &hdf5::Error) -> String {
    source
        .to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_refuses_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let denied = || ErrorKind::PermissionDenied.into();
        let new = directory.path().join("new.h5");
        let told = Error::io(&new)(denied()).to_string();
        let named = format!(
            "into the directory {}: permission denied",
            directory.path().display()
        );
        assert!(told.ends_with(&named), "{told}");
        std::fs::write(&new, "").unwrap();
        let told = Error::io(&new)(denied()).to_string();
        assert_eq!(told, format!("{}: permission denied", new.display()));
    }
}
