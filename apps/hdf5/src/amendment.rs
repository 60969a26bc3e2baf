//! The right to write a file of somebody else, and changes of its structure that are done or not
//! done.
//!
//! | room | what is in it |
//! |---|---|
//! | `claim` | is it a file that can be changed, and by nobody else now |
//! | `changes` | what is new, beside the old file; the HDF5 library reads and writes through it |
//! | `handles` | does this process have the file open for writing |
//! | `journal` | what is replaced, and by what, in a file |
//! | `commit` | the steps from old to new |
//! | `recover` | back to order after a kill |
//!
//! Why, and at what price: `docs/decisions/0008-amending-files.md`.

mod changes;
mod claim;
mod commit;
#[allow(unsafe_code)]
mod handles;
mod journal;
mod recover;

use std::fs::{self, File};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use super::atomic::AtomicFile;
use super::{Error, Result, driver, file_access, seal, storage};
use changes::{Changes, Finished};
use commit::Commit;
use jobwise_kit::{LockedFile, regular_file};
use journal::Journal;

/// The right to write one file that exists, for as long as this value lives.
///
/// ```
/// # fn main() -> Result<(), jobwise_hdf5::Error> {
/// use jobwise_hdf5::amendment::Writable;
/// use jobwise_hdf5::{Error, attributes};
///
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("measured.h5");
/// # drop(jobwise_hdf5::file_access::create(&path)?);
/// let mut measured = Writable::claim(&path)?;
/// measured.amend(|file| {
///     let group = file.create_group("fits").map_err(Error::hdf5(&path, "fits"))?;
///     attributes::write_text(&group, "method", "least squares")
/// })?; // the group with its attribute is there, or nothing has changed
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Writable {
    /// As given, for messages.
    path: PathBuf,
    /// Without symbolic links: the journal lies beside the file itself.
    real: PathBuf,
    disk: Arc<LockedFile>,
    /// Whether the checksum was taken away, if there was one.
    unsealed: OnceLock<()>,
}

impl Writable {
    /// Takes the right to write an HDF5 file, and brings the file in order if a killed process left
    /// it half changed.
    ///
    /// Other processes are kept out by the exclusive advisory lock that HDF5 1.10 and later take
    /// too; on file systems without such locks nobody is. The file stays as it is, with its
    /// checksum, until it is changed or [opened](Self::open).
    ///
    /// # Errors
    /// `path` does not exist, is a directory, or is not an HDF5 file; the file cannot be written,
    /// or is open in another program; or a journal lies beside it that does not fit.
    pub fn claim(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::try_claim(path)?.ok_or_else(|| claim::is_taken(path))
    }

    /// As [`claim`](Self::claim); nothing where the file is open in another program now.
    ///
    /// # Errors
    /// The others of [`claim`](Self::claim).
    pub fn try_claim(path: impl AsRef<Path>) -> Result<Option<Self>> {
        let path = path.as_ref();
        let Some(disk) = claim::try_claim(path)? else {
            return Ok(None);
        };
        let real = fs::canonicalize(path).map_err(Error::io(path))?;
        recover::recover(&real, &disk)?;
        seal::check(path, &disk)?;
        Ok(Some(Writable {
            path: path.to_path_buf(),
            real,
            disk: Arc::new(disk),
            unsealed: OnceLock::new(),
        }))
    }

    /// The file, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the file's checksum away, if it has one, before the first change.
    pub(super) fn unseal(&self) -> Result<()> {
        if self.unsealed.get().is_none() {
            seal::remove(&self.disk).map_err(Error::io(&self.path))?;
            self.unsealed.get_or_init(|| ());
        }
        Ok(())
    }

    /// Opens the file for reading, and for writing elements of datasets in place.
    ///
    /// # Errors
    /// The file is damaged, or the disk refuses.
    pub fn open(&self) -> Result<hdf5::File> {
        self.unseal()?;
        file_access::open_rw(&self.path)
    }

    /// Forces the file to the disk. What the HDF5 library has in memory must have been flushed.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn force(&self) -> Result<()> {
        self.disk.sync_all().map_err(Error::io(&self.path))
    }

    /// Changes the structure of the file: all that `change` does, or nothing, also if the process
    /// or the machine dies.
    ///
    /// When this returns without an error, the change is on the disk. In this process the file may
    /// be open for reading (such a handle goes on reading what it knows and sees nothing new), not
    /// for writing. New data cost no memory; what is overwritten is kept in memory until the end,
    /// twice. Objects that `change` has opened are closed when it returns. External links cannot be
    /// followed.
    ///
    /// # Errors
    /// What `change` returns; the file is open for writing in this process; the library or the disk
    /// refuses, the disk is full. The file is then as it was.
    ///
    /// # Panics
    /// As `change` does; the file is then as it was.
    pub fn amend<T, E>(&mut self, change: impl FnOnce(&hdf5::File) -> Result<T, E>) -> Result<T, E>
    where
        E: From<Error>,
    {
        self.unseal()?;
        if driver::is_known() {
            self.amend_in_place(change)
        } else {
            self.amend_copy(change)
        }
    }

    fn amend_in_place<T, E>(
        &mut self,
        change: impl FnOnce(&hdf5::File) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<Error>,
    {
        let (value, finished) = self.prepare(change)?;
        if !finished.is_same {
            self.commit(&Journal::of(finished)).run()?;
        }
        Ok(value)
    }

    /// Runs `change` beside the file, which stays the old one.
    fn prepare<T, E>(
        &self,
        change: impl FnOnce(&hdf5::File) -> Result<T, E>,
    ) -> Result<(T, Finished), E>
    where
        E: From<Error>,
    {
        if handles::is_open_for_writing(&self.disk).map_err(Error::io(&self.path))? {
            let problem = "is still open for writing in this process: close it before its \
                           structure is changed";
            return Err(claim::wrong(&self.path, problem).into());
        }
        let changes = Changes::of(Arc::clone(&self.disk)).map_err(Error::io(&self.path))?;
        let changes = Arc::new(Mutex::new(changes));
        let file = driver::open(&self.path, Arc::clone(&changes) as _)
            .map_err(Error::hdf5(&self.path, "cannot be opened (damaged)"))?;
        storage::lock(&changes).settle();
        let outcome = catch_unwind(AssertUnwindSafe(|| change(&file)));
        if !matches!(outcome, Ok(Ok(_))) {
            storage::lock(&changes).abandon();
        }
        let closed = file.close();
        let mut changes = storage::lock(&changes);
        match (outcome, self.verdict(closed, &mut changes)) {
            (Ok(Ok(value)), Ok(())) => {
                let finished = changes
                    .finish()
                    .or_else(|error| changes.undo().and(Err(error)))
                    .map_err(Error::io(&self.path))?;
                Ok((value, finished))
            }
            (outcome, verdict) => {
                let undone = changes.undo().map_err(Error::io(&self.path));
                // Dropping what the change returned may close the file, which asks for the changes.
                drop(changes);
                let refused = outcome.unwrap_or_else(|panic| resume_unwind(panic));
                // The system's own word comes before what the library and the closure made of it.
                verdict?;
                undone?;
                Err(refused
                    .err()
                    .expect("a change without an error has a verdict"))
            }
        }
    }

    /// What the driver and the library say at the end.
    fn verdict(&self, closed: hdf5::Result<()>, changes: &mut Changes) -> Result<()> {
        if let Some(source) = changes.take_failure() {
            return Err(Error::io(&self.path)(source));
        }
        closed.map_err(Error::hdf5(&self.path, "cannot be closed"))?;
        if changes.is_closed() {
            return Ok(());
        }
        let problem = "is still open after a change: a handle to it was kept";
        Err(claim::wrong(&self.path, problem))
    }

    fn commit<'a>(&'a self, journal: &'a Journal) -> Commit<'a> {
        Commit {
            path: &self.real,
            disk: &self.disk,
            journal,
        }
    }

    /// The same promise for any library: a changed copy takes the place of the file.
    fn amend_copy<T, E>(&mut self, change: impl FnOnce(&hdf5::File) -> Result<T, E>) -> Result<T, E>
    where
        E: From<Error>,
    {
        let copy = AtomicFile::new(&self.real)?;
        let file = copy.copy_h5(&self.real)?;
        let value = change(&file)?;
        let disk = File::options()
            .read(true)
            .write(true)
            .open(copy.temporary());
        let disk = disk.map_err(Error::io(copy.temporary()))?;
        let disk = claim::lock(&self.path, disk)?;
        copy.commit_open_h5(file)?;
        self.disk = Arc::new(disk);
        Ok(value)
    }
}

/// Whether a killed process left a change of this file that is not brought to its end: the file may
/// not open, or lack results, until it is claimed.
///
/// # Errors
/// A journal cannot be read, or is of a newer program.
pub fn pending(path: impl AsRef<Path>) -> Result<bool> {
    let path = path.as_ref();
    // A FIFO would be waited for.
    regular_file(path).map_err(Error::io(path))?;
    recover::is_pending(&fs::canonicalize(path).map_err(Error::io(path))?)
}

/// Whether such a change left a journal that is damaged: the file may be changed in part, and the
/// next claim of it says what can be done.
///
/// # Errors
/// As [`pending`].
pub fn is_journal_damaged(path: impl AsRef<Path>) -> Result<bool> {
    let path = path.as_ref();
    recover::is_damaged(&fs::canonicalize(path).map_err(Error::io(path))?)
}

#[cfg(test)]
mod tests;
