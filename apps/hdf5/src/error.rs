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
    #[error("{}: {object}: {}", path.display(), in_words(source))]
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

/// The library's messages in one line (they hold line breaks when they print a datatype), without
/// names of its functions.
fn in_words(source: &hdf5::Error) -> String {
    let frames = source.stack().map(|frames| {
        let mut all = frames.iter().map(|frame| frame.desc().to_owned());
        all.find(|told| told.contains(FILTER))
    });
    // Where it looked for a filter is said last, and which one first.
    let text = frames.flatten().unwrap_or_else(|| source.to_string());
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| !(word.starts_with("H5") && word.ends_with("():")))
        .collect();
    plain(words.join(" "))
}

/// What comes before the name of a filter that is not there.
const FILTER: &str = "required filter '";

/// What the library's most frequent messages mean, and what to do.
fn plain(text: String) -> String {
    let filter = text.split_once(FILTER).map(|(_, rest)| rest);
    if let Some(name) = filter.and_then(|rest| rest.split('\'').next()) {
        return format!(
            "is packed by the HDF5 filter {name}, which is not here: install it as a plug-in, and \
             give its directory by \
             the variable HDF5_PLUGIN_PATH"
        );
    }
    for (sign, meaning) in [
        (
            "file signature not found",
            "no HDF5 file, or its beginning is damaged",
        ),
        (
            "truncated file",
            "shorter than it says: it was cut, or not copied to its end",
        ),
    ] {
        if text.contains(sign) {
            return meaning.to_owned();
        }
    }
    if text.contains("doesn't exist") || text.contains("component not found") {
        return "there is no such object".to_owned();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_the_library_are_in_words() {
        for (raw, told) in [
            (
                "can't read data: required filter 'lzf' is not registered",
                "filter lzf",
            ),
            (
                "unable to open group: object 'x' doesn't exist",
                "no such object",
            ),
            (
                "unable to open file: file signature not found",
                "no HDF5 file",
            ),
            ("unable to open file: truncated file: eof = 5", "shorter"),
            ("something else", "something else"),
        ] {
            let said = plain(raw.to_owned());
            assert!(said.contains(told), "{raw}: {said}");
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = hdf5::File::open(file.path()).unwrap_err();
        let said = in_words(&error);
        assert!(
            error.to_string().contains("H5F") && !said.contains("H5F"),
            "{said}"
        );
    }

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
