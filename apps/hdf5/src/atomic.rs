//! HDF5 files that appear complete or not at all: `jobwise_kit::atomic`, for files that the HDF5
//! library writes.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jobwise_kit::atomic;

use super::written::Written;
use super::{Error, Result, driver, file_access, seal, storage};

/// An HDF5 file on its way: it lies under [`temporary`](Self::temporary) until
/// [`commit_h5`](Self::commit_h5).
///
/// Dropping it without a commit removes the temporary file.
#[derive(Debug)]
pub struct AtomicFile {
    file: atomic::AtomicFile,
    /// What became of the writes, where the library lets us see them.
    written: Mutex<Option<Arc<Mutex<Written>>>>,
}

impl AtomicFile {
    /// Plans `path`, as [`atomic::AtomicFile::new`].
    ///
    /// # Errors
    /// As there.
    pub fn new(path: impl AsRef<Path>) -> Result<Self> {
        Ok(Self::of(atomic::AtomicFile::new(path)?))
    }

    /// Plans `path`, to be written as `<prefix>NAME` in the same directory, as
    /// [`atomic::AtomicFile::with_prefix`].
    ///
    /// # Errors
    /// As there.
    pub fn with_prefix(path: impl AsRef<Path>, prefix: &str) -> Result<Self> {
        Ok(Self::of(atomic::AtomicFile::with_prefix(path, prefix)?))
    }

    fn of(file: atomic::AtomicFile) -> Self {
        Self {
            file,
            written: Mutex::new(None),
        }
    }

    /// Where to write.
    pub fn temporary(&self) -> &Path {
        self.file.temporary()
    }

    /// Where the file will be after a commit.
    pub fn destination(&self) -> &Path {
        self.file.destination()
    }

    /// Creates the temporary file as an empty HDF5 file. An error of a write, also one that the
    /// library drops while it closes a dataset, is found by [`commit_h5`](Self::commit_h5).
    ///
    /// # Errors
    /// The file or the HDF5 file in it cannot be created.
    pub fn create_h5(&self) -> Result<hdf5::File> {
        if !driver::is_known() {
            return file_access::create_unbuffered(self.temporary());
        }
        let written = self.watch(Written::create(self.temporary()))?;
        driver::create(self.temporary(), written)
            .map_err(Error::hdf5(self.temporary(), "cannot be created"))
    }

    /// Makes the temporary file a copy of the HDF5 file `from`, and opens it for reading and
    /// writing, as [`create_h5`](Self::create_h5).
    ///
    /// # Errors
    /// The file cannot be read or copied, or is damaged.
    pub fn copy_h5(&self, from: &Path) -> Result<hdf5::File> {
        let mut source = fs::File::open(from).map_err(Error::io(from))?;
        let mut options = fs::OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(true);
        let mut copied = || {
            let mut copy = options.open(self.temporary())?;
            std::io::copy(&mut source, &mut copy)?;
            Ok(copy)
        };
        let copy = copied().map_err(Error::io(self.temporary()))?;
        seal::check(from, &copy)?;
        seal::remove(&copy).map_err(Error::io(self.temporary()))?;
        if !driver::is_known() {
            return file_access::open_unbuffered(self.temporary());
        }
        let written = self.watch(Written::open(self.temporary()))?;
        driver::open(self.temporary(), written).map_err(file_access::not_opened(from))
    }

    fn watch(&self, written: std::io::Result<Written>) -> Result<Arc<Mutex<Written>>> {
        let written = written.map_err(Error::io(self.temporary()))?;
        let written = Arc::new(Mutex::new(written));
        *self.watched() = Some(Arc::clone(&written));
        Ok(written)
    }

    fn watched(&self) -> std::sync::MutexGuard<'_, Option<Arc<Mutex<Written>>>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Flushes and closes `file`, puts a checksum over all of it behind its end ([`seal`]), then
    /// commits as [`commit`](atomic::AtomicFile::commit).
    ///
    /// Objects of the file that are still open are closed.
    ///
    /// # Errors
    /// As [`commit`](atomic::AtomicFile::commit); the HDF5 library cannot flush or close the file;
    /// or any write since the file was created has failed, whatever the library has made of it.
    pub fn commit_h5(self, file: hdf5::File) -> Result<()> {
        self.close_h5(file)?;
        let sealed = || {
            seal::put(
                &fs::OpenOptions::new()
                    .read(true)
                    .write(true)
                    .open(self.temporary())?,
            )
        };
        sealed().map_err(Error::io(self.temporary()))?;
        Ok(self.file.commit()?)
    }

    /// As [`commit_h5`](Self::commit_h5), of a file that will be written in place: without a
    /// checksum.
    ///
    /// # Errors
    /// As [`commit_h5`](Self::commit_h5).
    pub(crate) fn commit_open_h5(self, file: hdf5::File) -> Result<()> {
        self.close_h5(file)?;
        Ok(self.file.commit()?)
    }

    fn close_h5(&self, file: hdf5::File) -> Result<()> {
        let flushed = file.flush();
        let closed = file.close();
        if let Some(written) = self.watched().take() {
            let written = storage::lock(&written);
            // The system's own word comes before what the library makes of it.
            written.verdict().map_err(Error::io(self.temporary()))?;
            if !written.is_closed() {
                return Err(Error::Format {
                    path: self.temporary().to_path_buf(),
                    object: "file".into(),
                    problem: "is still open in the HDF5 library after it was closed".into(),
                });
            }
        }
        flushed
            .and(closed)
            .map_err(Error::hdf5(self.temporary(), "file"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jobwise_testing::names;

    #[test]
    fn a_file_appears_only_on_commit() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep/data.h5");
        let file = AtomicFile::new(&path).unwrap();
        let h5 = file.create_h5().unwrap();
        h5.new_dataset_builder()
            .with_data(&[1, 2, 3])
            .create("x")
            .unwrap();
        assert!(!path.exists());
        file.commit_h5(h5).unwrap();
        let back = hdf5::File::open(&path).unwrap();
        assert_eq!(
            back.dataset("x").unwrap().read_raw::<i32>().unwrap(),
            [1, 2, 3]
        );
        assert_eq!(names(path.parent().unwrap()), ["data.h5"]);
    }
}
