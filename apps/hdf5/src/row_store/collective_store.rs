//! A file that all ranks write together.

use std::ops::Range;
use std::path::{Path, PathBuf};

use jobwise_core::{Comm, Error as Ended, IndexSet, Result as Agreed};

use super::in_place::places;
use super::plan::Opened;
use super::rows::Run;
use super::writers::forces;
use super::{DONE, Plan, Writers};
use crate::raw_rows::{self, Transfer};
use crate::{Error, Result, collective};

/// The datasets of a plan as all ranks have them open.
#[derive(Debug)]
pub(super) struct CollectiveStore<'p> {
    path: PathBuf,
    plan: &'p Plan,
    writers: Writers,
    opened: Opened,
    /// Whether rows change more in the file than themselves.
    has_structure: bool,
    file: hdf5::File,
    /// Positions that need not be done again, whichever rank did them.
    complete: IndexSet,
}

impl<'p> CollectiveStore<'p> {
    /// Opens the file for all ranks. Collective; an error may come on one rank only.
    pub(super) fn open(
        path: &Path,
        plan: &'p Plan,
        writers: Writers,
        complete: IndexSet,
    ) -> Result<CollectiveStore<'p>> {
        let file = collective::open_rw(path)?;
        let opened = plan.open(&file)?;
        Ok(CollectiveStore {
            path: path.to_path_buf(),
            plan,
            writers,
            has_structure: places(plan, &opened).is_none(),
            opened,
            file,
            complete,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn complete(&self) -> &IndexSet {
        &self.complete
    }

    /// Writes rows, of which each rank has some, forces them to the disk, and marks them, which is
    /// rank 0's. Collective.
    pub(super) fn store(&mut self, comm: &dyn Comm, runs: Vec<Run>) -> Agreed<()> {
        let runs = self.writers.bring(comm, runs)?;
        self.write(comm, &runs)?;
        // To flush a file is to force it on all ranks.
        if self.has_structure {
            self.flush(comm)?;
        }
        self.force(comm, forces(comm))?;
        let marks: Vec<_> = runs
            .iter()
            .map(|run| (self.plan.partition.positions_of(&run.units), run.mark))
            .map(|(positions, mark)| (positions.start, positions.end, mark))
            .collect();
        let marks = comm.all_gather(&marks)?.concat();
        self.mark(comm, &marks)?;
        self.force(comm, comm.rank() == 0)?;
        for (first, end, mark) in marks {
            if mark == DONE {
                self.complete.insert(first..end);
            }
        }
        Ok(())
    }

    /// Writes rows. Collective, also for a rank that has none.
    fn write(&self, comm: &dyn Comm, runs: &[Run]) -> Agreed<()> {
        let counts = comm.all_gather(&runs.len())?.into_iter();
        let most = counts.max().unwrap_or(0);
        for index in 0..most {
            let own = runs.get(index);
            for (number, dataset) in self.opened.datasets.iter().enumerate() {
                let bytes = own.map_or(&[][..], |run| &run.datasets[number]);
                let rows = own.filter(|_| !bytes.is_empty());
                let rows = rows.map_or(0..0, |run| self.plan.rows_of(number, &run.units));
                let written = raw_rows::write(dataset, rows, bytes, Transfer::Collective);
                comm.agree(written.map_err(ended))?;
            }
        }
        Ok(())
    }

    /// Rank 0 marks positions, from the first to the end of each run; all know which. Collective.
    fn mark(&self, comm: &dyn Comm, marks: &[(usize, usize, u8)]) -> Agreed<()> {
        let is_marker = comm.rank() == 0;
        let marked = marks.iter().try_for_each(|&(first, end, mark)| {
            let positions = if is_marker { first..end } else { 0..0 };
            let bytes = vec![mark; positions.len()];
            match (self.has_structure, is_marker) {
                (true, _) => self.write_marks(positions, &bytes, Transfer::Collective),
                (false, true) => self.write_marks(positions, &bytes, Transfer::Independent),
                (false, false) => Ok(()),
            }
        });
        comm.agree(marked.map_err(ended))?;
        if self.has_structure {
            self.flush(comm)?;
        }
        Ok(())
    }

    fn write_marks(&self, positions: Range<usize>, bytes: &[u8], transfer: Transfer) -> Result<()> {
        raw_rows::write(&self.opened.marks, positions, bytes, transfer)
    }

    /// Brings what the library has in memory into the file. Collective.
    pub(super) fn flush(&self, comm: &dyn Comm) -> Agreed<()> {
        comm.agree(self.flushed().map_err(ended))
    }

    /// Forces what was written to the disk, on the ranks that do so. Collective.
    fn force(&self, comm: &dyn Comm, forces: bool) -> Agreed<()> {
        let forced = forces.then(|| collective::force(&self.path));
        comm.agree(forced.transpose().map_err(ended)).map(drop)
    }

    fn flushed(&self) -> Result<()> {
        let flushed = self.file.flush();
        flushed.map_err(Error::hdf5(&self.path, "file"))
    }
}

/// An error of the store, as the engine carries it.
pub(super) fn ended(error: Error) -> Ended {
    Ended::Program(error.into())
}
