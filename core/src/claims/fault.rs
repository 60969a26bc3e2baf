use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::Error;

/// A call of the system that failed: what was tried, where, and why it failed.
#[derive(Debug)]
struct Fault {
    doing: String,
    path: PathBuf,
    cause: io::Error,
}

/// What the system answers to a path that leads in circles (ELOOP).
const LOOP: i32 = 40;

/// Turns an error of the system into one line: what was tried, where, why it failed, and what to do
/// where that is known.
pub(crate) fn at<'p>(doing: &'p str, path: &'p Path) -> impl FnOnce(io::Error) -> Error + 'p {
    move |cause| {
        Error::Program(Box::new(Fault {
            doing: doing.to_owned(),
            path: path.to_owned(),
            cause,
        }))
    }
}

/// Whether an error is about `dir` or what is in it and says that things there are not what they
/// should be, as opposed to a disk that is full or broken.
pub(crate) fn is_disorder_in(dir: &Path, error: &Error) -> bool {
    let Error::Program(cause) = error else {
        return false;
    };
    let disorder = |fault: &Fault| {
        fault.cause.raw_os_error() == Some(LOOP)
            || matches!(
                fault.cause.kind(),
                ErrorKind::NotFound
                    | ErrorKind::AlreadyExists
                    | ErrorKind::PermissionDenied
                    | ErrorKind::NotADirectory
                    | ErrorKind::IsADirectory
                    | ErrorKind::DirectoryNotEmpty
                    | ErrorKind::InvalidInput
            )
    };
    cause
        .downcast_ref()
        .is_some_and(|fault: &Fault| fault.path.starts_with(dir) && disorder(fault))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault { doing, path, cause } = self;
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

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}
