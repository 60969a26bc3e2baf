use std::io::{self, ErrorKind};
use std::path::Path;

use crate::Error;

/// Turns an error of the system into one line: what was tried, where, why it failed, and what to do where that is known.
pub(crate) fn at<'p>(doing: &'p str, path: &'p Path) -> impl FnOnce(io::Error) -> Error + 'p {
    move |cause| {
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
            _ => "",
        };
        Error::Program(format!("cannot {doing} {}: {cause}{advice}", path.display()).into())
    }
}
