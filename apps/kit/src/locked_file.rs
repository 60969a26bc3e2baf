//! An open file that nobody else has.

use std::fs::{File, TryLockError};
use std::io;
use std::ops::{Deref, DerefMut};

/// An open file with the exclusive advisory lock of it, which ends with this value.
///
/// Closing the file would not be enough to end it: a process that another thread is just starting
/// has a copy of every handle until its program begins, and the copy has the lock too.
#[derive(Debug)]
pub struct LockedFile(File);

impl LockedFile {
    /// Takes the lock; nothing where somebody else has it. On a file system without locks there is
    /// none to take, and everybody gets it.
    ///
    /// # Errors
    /// The system refuses.
    pub fn try_new(file: File) -> io::Result<Option<LockedFile>> {
        match file.try_lock() {
            Ok(()) => Ok(Some(LockedFile(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) if has_no_locks(&error) => Ok(Some(LockedFile(file))),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// Whether a file system said that it has no locks.
fn has_no_locks(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::ENOLCK | libc::ENOSYS | libc::EOPNOTSUPP)
    )
}

impl Deref for LockedFile {
    type Target = File;

    fn deref(&self) -> &File {
        &self.0
    }
}

impl DerefMut for LockedFile {
    fn deref_mut(&mut self) -> &mut File {
        &mut self.0
    }
}

impl Drop for LockedFile {
    fn drop(&mut self) {
        // It fails where there are no locks, and then there is nothing to let go of.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_it_until_its_end_whatever_copies_there_are() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let open = || {
            File::options()
                .create(true)
                .append(true)
                .open(&path)
                .unwrap()
        };
        let held = LockedFile::try_new(open()).unwrap().unwrap();
        assert!(LockedFile::try_new(open()).unwrap().is_none());
        let copy = held.try_clone().unwrap();
        drop(held);
        assert!(LockedFile::try_new(open()).unwrap().is_some());
        drop(copy);
    }
}
