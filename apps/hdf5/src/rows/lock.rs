use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::super::{Error, Result};

/// The right to write a file: an advisory lock on `.NAME.lock` beside it, which the system takes
/// back when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
    exclusive: bool,
}

impl Lock {
    /// Takes the lock for `path`; does not wait for it. Missing directories are created.
    ///
    /// # Errors
    /// Another process has it, or the directory cannot be written.
    pub(super) fn take(path: &Path) -> Result<Lock> {
        let name = path.file_name().ok_or_else(|| Error::Format {
            path: path.to_path_buf(),
            object: "file".into(),
            problem: "has no file name".into(),
        })?;
        let lock = path.with_file_name(format!(".{}.lock", name.to_string_lossy()));
        if let Some(directory) = lock.parent() {
            fs::create_dir_all(directory).map_err(Error::io(directory))?;
        }
        loop {
            let file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .open(&lock)
                .map_err(Error::io(&lock))?;
            let exclusive = match file.try_lock() {
                Ok(()) => true,
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::Format {
                        path: path.to_path_buf(),
                        object: "file".into(),
                        problem: "another process is writing it; wait for that to end, or choose another output".into(),
                    });
                }
                Err(TryLockError::Error(error)) if has_no_locks(&error) => false,
                Err(TryLockError::Error(error)) => return Err(Error::io(&lock)(error)),
            };
            // Whoever had the lock before may have removed its file after this process opened it:
            // then the lock is one on nothing.
            if same_file(&file, &lock).map_err(Error::io(&lock))? {
                return Ok(Lock {
                    path: lock,
                    _file: file,
                    exclusive,
                });
            }
        }
    }

    /// Whether other processes are kept out; not so on a file system without locks.
    pub(super) fn is_exclusive(&self) -> bool {
        self.exclusive
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.exclusive {
            // A lock file that stays does no harm: it can be locked again.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether a file system said that it has no locks.
pub(crate) fn has_no_locks(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::ENOLCK | libc::ENOSYS | libc::EOPNOTSUPP)
    )
}

/// Whether `path` names the open file.
pub(crate) fn same_file(file: &File, path: &Path) -> io::Result<bool> {
    let open = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((open.dev(), open.ino()) == (named.dev(), named.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
