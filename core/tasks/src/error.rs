use std::io;
use std::path::Path;

use jobwise_core::Error;

/// Turns an error of the system into one line: what was tried, where, why it failed, and what to do
/// where that is known.
pub(crate) fn context<'p>(doing: &'p str, path: &'p Path) -> impl FnOnce(io::Error) -> Error + 'p {
    move |cause| jobwise_claims::Error::new(doing, path, cause).into()
}

/// Whether an error is about `dir` or what is in it and says that things there are not what they
/// should be, as opposed to a disk that is full or broken.
pub(crate) fn is_disorder_in(dir: &Path, error: &Error) -> bool {
    let Error::Program(cause) = error else {
        return false;
    };
    cause
        .downcast_ref()
        .is_some_and(|error: &jobwise_claims::Error| error.is_disorder_in(dir))
}
