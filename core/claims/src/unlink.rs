use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Removes a claim, if it is still that file.
pub(crate) fn unlink(path: &Path, inode: (u64, u64)) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if (found.dev(), found.ino()) == inode => fs::remove_file(path),
        Ok(_) => Ok(()),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
