//! Is this a file that can be changed, and by nobody else now?

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::super::rows::{has_no_locks, same_file};
use super::super::{Error, Result};

/// The first bytes of an HDF5 file, or of what comes after its user block.
const SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";

/// Opens and locks a file, after a look whether it is an HDF5 file.
///
/// # Errors
/// See [`Writable::claim`](super::Writable::claim).
pub(super) fn claim(path: &Path) -> Result<File> {
    let problem = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => "does not exist; check the path",
        Err(error) => return Err(Error::io(path)(error)),
        Ok(metadata) if metadata.is_dir() => "is a directory; give the HDF5 file in it",
        Ok(metadata) if !metadata.is_file() => "is not a file on a disk; give an HDF5 file",
        Ok(_) if !is_hdf5(path)? => "is not an HDF5 file (no signature); check the path",
        Ok(_) => return locked(path),
    };
    Err(wrong(path, problem))
}

fn locked(path: &Path) -> Result<File> {
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
        lock(path, &file)?;
        // The file may have been replaced by another between opening and locking.
        if same_file(&file, path).map_err(Error::io(path))? {
            return Ok(file);
        }
    }
}

/// Takes the exclusive lock that HDF5 1.10 and later take too; on a file system without locks there is none to take.
///
/// # Errors
/// Another process has the file open.
pub(super) fn lock(path: &Path, file: &File) -> Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(wrong(
            path,
            "is open in another program; close it there, or wait for the end of that run, and try again",
        )),
        Err(TryLockError::Error(error)) if has_no_locks(&error) => Ok(()),
        Err(TryLockError::Error(error)) => Err(Error::io(path)(error)),
    }
}

/// Looks for the signature where the format has it: at 0, 512, 1024, 2048, ...
fn is_hdf5(path: &Path) -> Result<bool> {
    let look = || -> io::Result<bool> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let places = std::iter::once(0).chain((9..63).map(|power| 1_u64 << power));
        for place in places.take_while(|place| place + 8 <= length) {
            let mut bytes = [0; 8];
            file.read_exact_at(&mut bytes, place)?;
            if bytes == SIGNATURE {
                return Ok(true);
            }
        }
        Ok(false)
    };
    look().map_err(Error::io(path))
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
