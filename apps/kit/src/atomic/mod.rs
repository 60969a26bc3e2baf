//! Files and directories that appear complete or not at all.
//!
//! A file is written under a temporary name in its own directory, forced to the disk, renamed, and
//! then the directory is forced to the disk. A reader therefore sees the whole file or none, and a
//! killed run leaves only a temporary file behind, which [`remove_stale`] recognises by its name.

mod directory;
mod error;
mod file;
mod stale;

pub use directory::AtomicDirectory;
pub use error::{Error, Result};
pub use file::{AtomicFile, Writer, write, write_in_pieces};
pub use stale::remove_stale;

use std::path::{Path, PathBuf};

fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}
