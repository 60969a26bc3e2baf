use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::{Error, Result, directory_of};
use crate::LockedFile;

/// The file that says that a process is at work. It lies inside, so that nothing is left beside.
const LOCK: &str = ".lock";

/// A directory on its way: it is filled under [`path`](Self::path), `.NAME.partial`, and gets its
/// name on [`commit`](Self::commit).
///
/// Dropping it without a commit removes it. What a killed process left is removed by the next one
/// with the same destination.
#[derive(Debug)]
pub struct AtomicDirectory {
    destination: PathBuf,
    temporary: PathBuf,
    /// Held until the end; the system lets go of it when the process dies.
    _lock: LockedFile,
    committed: bool,
}

impl AtomicDirectory {
    /// Plans `path`, which must not exist, or be an empty directory. Missing parents are created.
    ///
    /// # Errors
    /// `path` exists and is no empty directory, or has no file name, another process is at it, or
    /// the parent cannot be written.
    pub fn new(path: impl AsRef<Path>) -> Result<AtomicDirectory> {
        let destination = path.as_ref().to_path_buf();
        let wrong = |problem: &str| Error::refused(&destination, "directory", problem);
        let name = destination
            .file_name()
            .ok_or_else(|| wrong("has no name"))?;
        let temporary = destination.with_file_name(format!(".{}.partial", name.to_string_lossy()));
        let absent = || match fs::symlink_metadata(&destination) {
            // The new name takes the place of an empty directory, at once.
            Ok(found) if found.is_dir() && is_empty(&destination) => Ok(()),
            Ok(_) => Err(wrong("exists: choose another name or remove it")),
            Err(_) => Ok(()),
        };
        absent()?;
        fs::create_dir_all(&temporary).map_err(Error::io(&temporary))?;
        let lock = temporary.join(LOCK);
        let file = fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock)
            .map_err(Error::io(&lock))?;
        let Some(file) = LockedFile::try_new(file).map_err(Error::io(&lock))? else {
            return Err(wrong("another process is writing it: wait for its end"));
        };
        // The other process may have finished meanwhile.
        absent()?;
        for entry in entries(&temporary)? {
            if entry != lock {
                if entry.is_dir() && !entry.is_symlink() {
                    fs::remove_dir_all(&entry)
                } else {
                    fs::remove_file(&entry)
                }
                .map_err(Error::io(&entry))?;
            }
        }
        Ok(AtomicDirectory {
            destination,
            temporary,
            _lock: file,
            committed: false,
        })
    }

    /// Where to write.
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// Makes the directory appear under its own name. Its files must have been forced to the disk
    /// by whoever wrote them; its directories are here.
    ///
    /// # Errors
    /// A directory cannot be forced to the disk, or the name cannot be given.
    pub fn commit(mut self) -> Result<()> {
        sync(&self.temporary)?;
        fs::rename(&self.temporary, &self.destination).map_err(Error::io(&self.destination))?;
        self.committed = true;
        let lock = self.destination.join(LOCK);
        fs::remove_file(&lock).map_err(Error::io(&lock))?;
        force(&self.destination)?;
        // The directory is there, but its name may be lost with the machine.
        let parent = directory_of(&self.destination);
        let forced = || File::open(parent)?.sync_all();
        forced().map_err(Error::io(&self.destination))
    }
}

impl Drop for AtomicDirectory {
    fn drop(&mut self) {
        if !self.committed {
            // Nothing can be reported here; what stays is removed by the next attempt.
            let _ = fs::remove_dir_all(&self.temporary);
        }
    }
}

/// Forces the directories of a tree to the disk, the deepest first.
fn sync(directory: &Path) -> Result<()> {
    for entry in entries(directory)? {
        if entry.is_dir() && !entry.is_symlink() {
            sync(&entry)?;
        }
    }
    force(directory)
}

fn force(directory: &Path) -> Result<()> {
    let handle = File::open(directory).map_err(Error::io(directory))?;
    handle.sync_all().map_err(Error::io(directory))
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory).map_err(Error::io(directory))?;
    entries
        .map(|entry| Ok(entry.map_err(Error::io(directory))?.path()))
        .collect()
}

fn is_empty(directory: &Path) -> bool {
    fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jobwise_testing::names;

    #[test]
    fn a_directory_appears_only_on_commit() {
        let top = tempfile::tempdir().unwrap();
        let path = top.path().join("deep/result");
        let directory = AtomicDirectory::new(&path).unwrap();
        fs::create_dir(directory.path().join("inner")).unwrap();
        fs::write(directory.path().join("inner/file"), "x").unwrap();
        assert!(!path.exists());
        directory.commit().unwrap();
        assert_eq!(names(&path), ["inner"]);
        assert_eq!(names(&top.path().join("deep")), ["result"]);
        let error = AtomicDirectory::new(&path).unwrap_err().to_string();
        assert!(
            error.contains("result") && error.contains("exists"),
            "{error}"
        );
        assert_eq!(fs::read(path.join("inner/file")).unwrap(), b"x");
    }

    #[test]
    fn a_dropped_directory_leaves_nothing() {
        let top = tempfile::tempdir().unwrap();
        let directory = AtomicDirectory::new(top.path().join("result")).unwrap();
        fs::write(directory.path().join("file"), "x").unwrap();
        drop(directory);
        assert_eq!(names(top.path()), [""; 0]);
    }

    #[test]
    fn one_process_at_a_time_and_leftovers_of_a_killed_one_go() {
        let top = tempfile::tempdir().unwrap();
        let path = top.path().join("result");
        let partial = top.path().join(".result.partial");
        fs::create_dir_all(partial.join("old")).unwrap();
        fs::write(partial.join("old/file"), "x").unwrap();
        fs::write(partial.join(LOCK), "").unwrap();
        let first = AtomicDirectory::new(&path).unwrap();
        assert_eq!(names(first.path()), [LOCK]);
        let error = AtomicDirectory::new(&path).unwrap_err().to_string();
        assert!(error.contains("another process"), "{error}");
        first.commit().unwrap();
        assert_eq!(names(&path), [""; 0]);
    }
}
