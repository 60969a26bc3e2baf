use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A call of the system that failed: what was tried, where, and why it failed. Displays as one
/// line, with what to do where that is known.
#[derive(Debug)]
pub struct Error {
    doing: String,
    path: PathBuf,
    cause: io::Error,
}

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What the system answers to a path that leads in circles (ELOOP).
const LOOP: i32 = 40;

/// Turns an error of the system into one that says what was tried and where.
pub(crate) fn context<'p>(doing: &'p str, path: &'p Path) -> impl FnOnce(io::Error) -> Error + 'p {
    move |cause| Error::new(doing, path, cause)
}

impl Error {
    /// The failure of `doing` ("read") something to what lies at `path`.
    pub fn new(doing: &str, path: &Path, cause: io::Error) -> Error {
        Error {
            doing: doing.to_owned(),
            path: path.to_owned(),
            cause,
        }
    }

    /// Whether what it is about is not there.
    pub fn is_absent(&self) -> bool {
        self.cause.kind() == ErrorKind::NotFound
    }

    /// Whether it is about `dir` or what is in it and says that things there are not what they
    /// should be, as opposed to a disk that is full or broken.
    pub fn is_disorder_in(&self, dir: &Path) -> bool {
        let is_disorder = self.cause.raw_os_error() == Some(LOOP)
            || matches!(
                self.cause.kind(),
                ErrorKind::NotFound
                    | ErrorKind::AlreadyExists
                    | ErrorKind::PermissionDenied
                    | ErrorKind::NotADirectory
                    | ErrorKind::IsADirectory
                    | ErrorKind::DirectoryNotEmpty
                    | ErrorKind::InvalidInput
            );
        self.path.starts_with(dir) && is_disorder
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Error { doing, path, cause } = self;
        let advice = match cause.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                "; make room there and start again, nothing is lost"
            }
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
                "; the directory must be writable"
            }
            ErrorKind::CrossesDevices => {
                "; the tasks and their bookkeeping must lie on one file system"
            }
            ErrorKind::Unsupported => "; a file system that knows hard links is needed",
            ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
                "; move away what lies there instead of a directory"
            }
            ErrorKind::IsADirectory => "; move the directory away",
            _ => "",
        };
        write!(f, "cannot {doing} {}: {cause}{advice}", path.display())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}
