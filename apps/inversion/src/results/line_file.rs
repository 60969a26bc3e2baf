use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hdf5::Dataset;
use jobwise_core::{Cause, IndexSet, Sink};
use jobwise_hdf5::amendment::{self, Writable};
use jobwise_hdf5::atomic::AtomicFile;
use jobwise_hdf5::attributes::Value;
use jobwise_hdf5::file_access;
use jobwise_hdf5::raw_rows::{self, Transfer};
use jobwise_hdf5::row_store::{DONE, Partition, Per, Plan, RowDataset, RowStore, Rows};
use jobwise_hdf5::seal::{self, Seal};

use super::cell::{self, Cell, Source};
use super::entry::Content;
use super::line_results::{LineResults, height};
use super::{FAILED, layout, same};
use crate::inference::Found;
use crate::state;
use crate::{Error, Result};

/// Where the dataset is that says whether a file has its last form.
const COMPLETE: &str = "jobwise/complete";

/// Between two looks whether others have let go of a file.
const PAUSE: Duration = Duration::from_millis(20);

/// The file of a line, in one directory.
#[derive(Clone, Debug)]
pub struct LineFile<'a> {
    path: PathBuf,
    of: LineResults<'a>,
    plan: Plan,
    /// What chains bring to each dataset of the plan.
    cells: Vec<Cell>,
}

/// For how long a run that is to end waits for a file: what is computed should get into it.
const LAST: Duration = Duration::from_secs(5);

/// What is done of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Soundings with results.
    pub done: IndexSet,
    /// Soundings that failed.
    pub failed: IndexSet,
}

impl State {
    /// Soundings that need not be computed.
    pub fn closed(&self) -> IndexSet {
        let mut all = self.done.clone();
        for run in self.failed.runs() {
            all.insert(run);
        }
        all
    }
}

impl<'a> LineFile<'a> {
    /// Plans the file; nothing is made yet.
    pub fn new(directory: &Path, of: LineResults<'a>) -> LineFile<'a> {
        let entries = layout::entries(&of);
        let (mut datasets, mut cells) = (Vec::new(), Vec::new());
        for entry in &entries {
            if let Content::Rows(rows) = &entry.content
                && let Some(cell) = rows.cell
            {
                datasets.push(RowDataset {
                    name: entry.path.clone(),
                    element: rows.element.descriptor(),
                    width: rows.width(),
                    rows: Per::Position,
                });
                cells.push(cell);
            }
        }
        LineFile {
            path: directory.join(of.file_name()),
            of,
            plan: Plan {
                group: "/".into(),
                datasets,
                marks: "jobwise/status".into(),
                partition: Partition::single(of.soundings().len()),
            },
            cells,
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The number of soundings.
    pub fn soundings(&self) -> usize {
        self.plan.partition.positions
    }

    /// Whether there is a file, of whatever kind.
    pub fn exists(&self) -> bool {
        self.path.symlink_metadata().is_ok()
    }

    /// Makes the file with room for all soundings, in the place of any other.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn create(&self) -> Result<()> {
        let new = AtomicFile::new(&self.path)?;
        let file = self.made(&new)?;
        Ok(new.commit_h5(file)?)
    }

    fn made(&self, new: &AtomicFile) -> Result<hdf5::File> {
        let file = new.create_h5()?;
        for entry in layout::entries(&self.of) {
            entry.create(&file, self.soundings())?;
        }
        Ok(file)
    }

    /// Whether the file is of this run, and what is done of it. Brings it in order after a kill.
    ///
    /// # Errors
    /// It cannot be read, is none of ours, or of other options or data.
    pub fn look(&self, patience: &Patience<'_>) -> Result<State> {
        if let Some(file) = self.open_complete()? {
            same::check(&self.path, &file, &self.of)?;
            return self.marked(&file);
        }
        // A claim brings order where a process was killed.
        let claimed = self.claim(patience)?;
        same::check(&self.path, &claimed.open()?, &self.of)?;
        self.finish_claimed(&claimed)
    }

    /// The file in its last form, which a claim would take the checksum from; nothing where it
    /// has another one, or cannot be read without a claim.
    fn open_complete(&self) -> Result<Option<hdf5::File>> {
        if amendment::pending(&self.path)? {
            return Ok(None);
        }
        let seal = seal::verify(&self.path)?;
        if let Seal::Foreign | Seal::Broken { .. } = seal {
            return Err(Error::File {
                path: self.path.clone(),
                problem: format!(
                    "{}: give another directory, or --override to begin anew",
                    seal.problem().unwrap_or("is damaged")
                ),
            });
        }
        // Another process may be writing, and what is wrong with a file a claim says.
        let file = file_access::open(&self.path).ok();
        Ok(file.filter(is_complete))
    }

    /// What is done now of a file that was looked at before.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn state(&self, patience: &Patience<'_>) -> Result<State> {
        if let Some(file) = self.open_complete()? {
            return self.marked(&file);
        }
        self.finish_claimed(&self.claim(patience)?)
    }

    /// Why a sounding failed; nothing where the file does not say.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn reason(&self, row: usize) -> Result<String> {
        const REASON: &str = "jobwise/reason";
        let file = file_access::open(&self.path)?;
        let dataset = file.dataset(REASON);
        let dataset = dataset.map_err(jobwise_hdf5::Error::hdf5(&self.path, REASON))?;
        let mut bytes = Vec::new();
        raw_rows::read(&dataset, row..row + 1, &mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.trim_end_matches('\0').to_owned())
    }

    fn marked(&self, file: &hdf5::File) -> Result<State> {
        let marks = self.plan.read_marks(file)?;
        let mut state = State {
            done: marks.of(DONE),
            failed: IndexSet::new(),
        };
        for (_, rows) in marks.iter().filter(|(mark, _)| *mark != DONE) {
            for run in rows.runs() {
                state.failed.insert(run);
            }
        }
        Ok(state)
    }

    /// The rows of a sounding. It has failed where chains say so.
    ///
    /// # Panics
    /// The line has no such row.
    pub fn rows(&self, row: usize, sounding: &state::Sounding<'_>, found: &Found) -> Rows {
        let source = Source {
            settings: &self.of.task.settings,
            sounding,
            height: height(&self.of.soundings()[row]),
            found,
        };
        let bytes = self.cells.iter().map(|cell| cell.bytes(&source)).collect();
        let mark = match found.failure {
            None => DONE,
            Some(_) => FAILED,
        };
        Rows::marked(row..row + 1, mark, bytes)
    }

    /// The rows of a sounding that no chain could begin with.
    pub fn rows_of_failed(&self, row: usize, reason: &str) -> Rows {
        let cells = self.cells.iter();
        let bytes = cells.map(|cell| match cell {
            Cell::Reason => cell::reason(reason),
            _ => Vec::new(),
        });
        Rows::marked(row..row + 1, FAILED, bytes.collect())
    }

    /// Brings rows and their marks into the file; brings the file into its last form where nothing
    /// is open any more. What is done then.
    ///
    /// # Errors
    /// The file refuses, or others have it for too long.
    pub fn write(&self, rows: Vec<(usize, Rows)>, patience: &Patience<'_>) -> Result<State> {
        if let Some(file) = self.open_complete()? {
            return self.marked(&file);
        }
        let mut file = self.claim(patience)?;
        let before = self.marked(&file.open()?)?;
        let closed = before.closed();
        let mut store = RowStore::open(&mut file, self.plan.clone(), before.done)?;
        let stored = || -> Result<(), Cause> {
            // Another process may have done the same: then these are its bits.
            for (row, rows) in rows.into_iter().filter(|(row, _)| !closed.contains(*row)) {
                store.write(row, rows)?;
            }
            store.commit(&[])
        };
        stored().map_err(caused)?;
        drop(store);
        self.finish_claimed(&file)
    }

    /// Brings the file into its last form where nothing is open. One that has it gets its checksum
    /// again, which the claim has taken from it.
    fn finish_claimed(&self, file: &Writable) -> Result<State> {
        let open = file.open()?;
        let state = self.marked(&open)?;
        if state.closed().len() < self.soundings() {
            return Ok(state);
        }
        let new = AtomicFile::new(&self.path)?;
        let copy = self.made(&new)?;
        self.copy_rows(&open, &copy)?;
        drop(open);
        new.commit_h5(copy)?;
        Ok(state)
    }

    /// Writes all rows once more, sounding by sounding.
    fn copy_rows(&self, from: &hdf5::File, to: &hdf5::File) -> Result<()> {
        let names = self.plan.datasets.iter().map(|dataset| &*dataset.name);
        let opened = |file: &hdf5::File, name: &str| -> Result<Dataset> {
            let dataset = file.dataset(name);
            Ok(dataset.map_err(jobwise_hdf5::Error::hdf5(file.filename(), name))?)
        };
        let mut pairs = Vec::new();
        for name in names.chain([&*self.plan.marks]) {
            pairs.push((opened(from, name)?, opened(to, name)?));
        }
        let mut bytes = Vec::new();
        for row in 0..self.soundings() {
            for (from, to) in &pairs {
                raw_rows::read(from, row..row + 1, &mut bytes)?;
                raw_rows::write(to, row..row + 1, &bytes, Transfer::Independent)?;
            }
        }
        let complete = opened(to, COMPLETE)?;
        let written = complete.write_scalar(&1_u8);
        Ok(written.map_err(jobwise_hdf5::Error::hdf5(to.filename(), COMPLETE))?)
    }

    /// The right to write the file, when others have let go of it.
    fn claim(&self, patience: &Patience<'_>) -> Result<Writable> {
        let started = Instant::now();
        let mut is_told = false;
        loop {
            if let Some(claimed) = Writable::try_claim(&self.path)? {
                return Ok(claimed);
            }
            let is_stopped = (patience.stop)();
            let longest = if is_stopped { LAST } else { patience.longest };
            if started.elapsed() >= longest.min(patience.longest) {
                return Ok(Writable::claim(&self.path)?);
            }
            if !is_told && started.elapsed() >= patience.longest / 10 {
                is_told = true;
                let path = self.path.display();
                log::warn!("{path}: is open in another program, and is waited for");
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// For how long others that have a file are waited for.
pub struct Patience<'a> {
    /// Whether the run is to end.
    pub stop: &'a dyn Fn() -> bool,
    /// At most so long.
    pub longest: Duration,
}

impl std::fmt::Debug for Patience<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Patience")
            .field("longest", &self.longest)
            .finish_non_exhaustive()
    }
}

fn is_complete(file: &hdf5::File) -> bool {
    same::value(file, COMPLETE) == Some(Value::Unsigned(1))
}

/// What a store says is an error of a file.
fn caused(cause: Cause) -> Error {
    match cause.downcast::<jobwise_hdf5::Error>() {
        Ok(error) => (*error).into(),
        Err(cause) => Error::Request(cause.to_string()),
    }
}
