use std::io;
use std::path::Path;

/// What a test cannot go on without.
///
/// # Panics
/// It failed: the message names the path.
pub(crate) fn must<T>(path: &Path, outcome: io::Result<T>) -> T {
    outcome.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
