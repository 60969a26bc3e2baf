//! Is this a file that can be changed, and by nobody else now?

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use jobwise_kit::LockedFile;

use super::super::superblock::has_signature;
use super::super::{Error, Result};

/// Opens and locks a file, after a look whether it is an HDF5 file; nothing where another program
/// has it.
///
/// # Errors
/// See [`Writable::claim`](super::Writable::claim).
pub(super) fn try_claim(path: &Path) -> Result<Option<LockedFile>> {
    let problem = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => "does not exist; check the path",
        Err(error) => return Err(Error::io(path)(error)),
        Ok(metadata) if metadata.is_dir() => "is a directory; give the HDF5 file in it",
        Ok(metadata) if !metadata.is_file() => "is not a file on a disk; give an HDF5 file",
        Ok(_) if !is_hdf5(path).map_err(Error::io(path))? => {
            "is not an HDF5 file (no signature); check the path"
        }
        Ok(_) => return locked(path),
    };
    Err(wrong(path, problem))
}

fn locked(path: &Path) -> Result<Option<LockedFile>> {
    loop {
        let file = match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => file,
            Err(error) if is_read_only(&error) => {
                let problem =
                    format!("cannot be written ({error}); allow it (chmod u+w), or work on a copy");
                return Err(wrong(path, &problem));
            }
            Err(error) => return Err(Error::io(path)(error)),
        };
        let Some(file) = LockedFile::try_new(file).map_err(Error::io(path))? else {
            return Ok(None);
        };
        // The file may have been replaced by another between opening and locking.
        if same_file(&file, path).map_err(Error::io(path))? {
            return Ok(Some(file));
        }
    }
}

/// Takes the exclusive lock that HDF5 1.10 and later take too; on a file system without locks there
/// is none to take.
///
/// # Errors
/// Another process has the file open.
pub(super) fn lock(path: &Path, file: File) -> Result<LockedFile> {
    let locked = LockedFile::try_new(file).map_err(Error::io(path))?;
    locked.ok_or_else(|| is_taken(path))
}

pub(super) fn is_taken(path: &Path) -> Error {
    wrong(
        path,
        "is open in another program; close it there, or wait for the end of that run, and try \
         again",
    )
}

/// Whether `path` names the open file.
fn same_file(file: &File, path: &Path) -> io::Result<bool> {
    let open = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((open.dev(), open.ino()) == (named.dev(), named.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_hdf5(path: &Path) -> io::Result<bool> {
    has_signature(&File::open(path)?)
}

fn is_read_only(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
    )
}

pub(super) fn wrong(path: &Path, problem: &str) -> Error {
    Error::Format {
        path: path.to_path_buf(),
        object: "file".into(),
        problem: problem.to_owned(),
    }
}
