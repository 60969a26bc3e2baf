//! Rows of results in an HDF5 file that a killed run can go on with.
//!
//! A group holds one row per item and, beside the rows, which of them are complete:
//!
//! | object | type, shape | meaning |
//! |---|---|---|
//! | the dataset named in the [`Table`] | `T`, (len, width) | the rows; zero where nothing was written |
//! | [`COMPLETED`] | u8, (len) | 1 where the row is complete |
//! | attribute [`DIGEST`] of the group | text | the parameters that the rows belong to |
//!
//! The file is made whole, with room for every row, before it appears under its name. After that
//! nothing but elements of the two datasets changes, in place (and one byte of the superblock,
//! which notes that the file is open for writing and which no reader of this superblock minds), so
//! the file is readable whenever the process is killed. A row is marked only when it is on the
//! disk, and a marked row is never written again.

mod lock;
mod stored;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use hdf5::{Dataset, H5Type};
use jobwise_core::{Cause, IndexSet, Sink};
use ndarray::{ArrayView1, ArrayView2, s};

use super::{Error, Result};
use lock::Lock;
pub(super) use lock::{has_no_locks, same_file};
pub(super) use table::is_in_place;
pub use table::{COMPLETED, DIGEST, Table};

/// Writes rows of `width` elements, each where its item's index says, into an HDF5 file.
///
/// One process at a time: see [`open`](Self::open). Rows are kept in memory until they amount to
/// [`BUFFER`](Self::BUFFER) bytes or the engine commits; rows that are not committed when the sink
/// is dropped are lost.
///
/// ```
/// # fn main() -> Result<(), jobwise_core::Cause> {
/// use jobwise_core::Sink;
/// use jobwise_hdf5::rows::{RowSink, Table};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("fits.h5");
/// let table = Table { group: "fits", dataset: "results", len: 100, width: 2, digest: "6f1c" };
/// let mut sink = RowSink::<f64>::open(&path, &table)?;
/// sink.write(7, vec![0.25, 4.0])?;
/// sink.commit(&[7])?;
/// drop(sink);
///
/// // Another run, later: row 7 need not be done again.
/// let mut sink = RowSink::<f64>::open(&path, &table)?;
/// assert!(sink.done(0..100)?.contains(7));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct RowSink<T> {
    path: PathBuf,
    len: usize,
    width: usize,
    /// Rows that are not in the file yet.
    pending: BTreeMap<usize, Vec<T>>,
    /// Rows that this sink was given.
    written: IndexSet,
    complete: IndexSet,
    /// Whether the file refused something: what it holds since then is not known, and nothing more
    /// is marked.
    broken: bool,
    rows: Dataset,
    completed: Dataset,
    file: hdf5::File,
    /// The same file, for `fsync`. Opened before anything is written, so that no error of the disk
    /// is missed.
    disk: fs::File,
    /// Last: the file is closed before another process may have it.
    _lock: Lock,
}

impl<T: H5Type> RowSink<T> {
    /// Most bytes of rows kept in memory (or one row, if that is larger).
    pub const BUFFER: usize = 8 << 20;

    /// Opens the file at `path` to go on with it, or makes it if there is none, missing directories
    /// included.
    ///
    /// The sink is the only one for this file until it is dropped, on all hosts whose file system
    /// has advisory locks in common: it holds one on `.NAME.lock` in the same directory. On a file
    /// system without such locks nobody is kept out.
    ///
    /// # Errors
    /// Another process writes the file; the file has no such group, other parameters (digest),
    /// another shape or element type, or was not made by this function; `T` has parts of variable
    /// length; `width` is 0 or the table larger than memory can address; or the file cannot be read
    /// or written.
    pub fn open(path: impl AsRef<Path>, table: &Table<'_>) -> Result<Self> {
        let path = path.as_ref();
        table.check::<T>(path)?;
        let lock = Lock::take(path)?;
        if !path.try_exists().map_err(Error::io(path))? {
            table::create::<T>(path, table, &lock)?;
        }
        let disk = fs::File::open(path).map_err(Error::io(path))?;
        let stored = stored::open::<T>(path, table)?;
        Ok(RowSink {
            path: path.to_path_buf(),
            len: table.len,
            width: table.width,
            pending: BTreeMap::new(),
            written: IndexSet::new(),
            complete: stored.complete,
            broken: false,
            rows: stored.rows,
            completed: stored.completed,
            file: stored.file,
            disk,
            _lock: lock,
        })
    }

    /// The rows complete so far.
    pub fn complete(&self) -> &IndexSet {
        &self.complete
    }

    /// Writes the rows in memory to the file, neighbours together.
    fn spill(&mut self) -> Result<()> {
        let mut pending = std::mem::take(&mut self.pending).into_iter().peekable();
        while let Some((first, mut run)) = pending.next() {
            let mut end = first + 1;
            while let Some((_, row)) = pending.next_if(|(index, _)| *index == end) {
                run.extend(row);
                end += 1;
            }
            ArrayView2::from_shape((end - first, self.width), &run)
                .map_err(hdf5::Error::from)
                .and_then(|rows| self.rows.write_slice(rows, s![first..end, ..]))
                .map_err(Error::hdf5(&self.path, &self.rows.name()))?;
        }
        Ok(())
    }

    /// Forces everything written so far to the disk.
    fn force(&self) -> Result<()> {
        self.file
            .flush()
            .map_err(Error::hdf5(&self.path, "cannot be flushed"))?;
        self.disk.sync_all().map_err(Error::io(&self.path))
    }

    fn mark(&mut self, runs: &IndexSet) -> Result<()> {
        for run in runs.runs() {
            let ones = vec![1u8; run.len()];
            self.completed
                .write_slice(ArrayView1::from(&ones), s![run])
                .map_err(Error::hdf5(&self.path, &self.completed.name()))?;
        }
        Ok(())
    }

    fn store(&mut self, fresh: &IndexSet) -> Result<()> {
        self.spill()?;
        self.force()?;
        self.mark(fresh)?;
        self.force()
    }

    /// Remembers that `outcome` is an error.
    fn noting<R>(&mut self, outcome: Result<R>) -> Result<R> {
        self.broken |= outcome.is_err();
        outcome
    }

    fn wrong(&self, problem: String) -> Error {
        Error::Format {
            path: self.path.clone(),
            object: self.rows.name(),
            problem,
        }
    }

    fn refuse_if_broken(&self) -> Result<()> {
        if self.broken {
            let problem = "could not be written before; nothing more is written or marked: resume with a new run";
            return Err(self.wrong(problem.into()));
        }
        Ok(())
    }
}

impl<T: H5Type> Sink<Vec<T>> for RowSink<T> {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        Ok(self.complete.within(within))
    }

    /// Takes a row.
    ///
    /// # Errors
    /// There is no such row, it is complete already, it has another width, or the file refuses.
    fn write(&mut self, index: usize, row: Vec<T>) -> Result<(), Cause> {
        self.refuse_if_broken()?;
        let problem = if index >= self.len {
            Some(format!("has {} rows and none of index {index}", self.len))
        } else if self.complete.contains(index) {
            Some(format!("row {index} is complete already"))
        } else if row.len() != self.width {
            let (wanted, got) = (self.width, row.len());
            Some(format!(
                "row {index} has {got} elements instead of {wanted}"
            ))
        } else {
            None
        };
        if let Some(problem) = problem {
            return Err(self.wrong(problem).into());
        }
        self.pending.insert(index, row);
        self.written.insert(index..index + 1);
        let bytes = self.pending.len() * self.width * size_of::<T>();
        if bytes >= Self::BUFFER {
            let spilled = self.spill();
            self.noting(spilled)?;
        }
        Ok(())
    }

    /// Forces all rows to the disk, and only then marks those of `fresh`, and forces the marks to
    /// the disk.
    ///
    /// # Errors
    /// A row of `fresh` was never written, or the file refuses.
    fn commit(&mut self, fresh: &[usize]) -> Result<(), Cause> {
        self.refuse_if_broken()?;
        if let Some(index) = fresh.iter().find(|&&index| !self.written.contains(index)) {
            let problem = format!("row {index} was not written and cannot be marked");
            return Err(self.wrong(problem).into());
        }
        if fresh.is_empty() && self.pending.is_empty() {
            return Ok(());
        }
        let mut sorted = fresh.to_vec();
        sorted.sort_unstable();
        let fresh: IndexSet = sorted.into_iter().collect();
        let stored = self.store(&fresh);
        self.noting(stored)?;
        for run in fresh.runs() {
            self.complete.insert(run);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
