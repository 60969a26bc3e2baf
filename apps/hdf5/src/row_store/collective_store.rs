//! A file that all ranks write together.

use std::path::{Path, PathBuf};

use jobwise_core::{Comm, Error as Ended, IndexSet, Result as Agreed};

use super::plan::Opened;
use super::rows::Run;
use super::{DONE, Plan};
use crate::raw_rows::{self, Transfer};
use crate::{Error, Result, collective};

/// The datasets of a plan as all ranks have them open.
#[derive(Debug)]
pub(super) struct CollectiveStore<'p> {
    path: PathBuf,
    plan: &'p Plan,
    opened: Opened,
    file: hdf5::File,
    /// Positions that need not be done again, whichever rank did them.
    complete: IndexSet,
}

impl<'p> CollectiveStore<'p> {
    /// Opens the file for all ranks. Collective; an error may come on one rank only.
    pub(super) fn open(
        path: &Path,
        plan: &'p Plan,
        complete: IndexSet,
    ) -> Result<CollectiveStore<'p>> {
        let file = collective::open_rw(path)?;
        Ok(CollectiveStore {
            path: path.to_path_buf(),
            plan,
            opened: plan.open(&file)?,
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

    /// Writes rows, of which each rank has some, forces them to the disk, and marks them.
    /// Collective.
    pub(super) fn store(&mut self, comm: &dyn Comm, runs: &[Run]) -> Agreed<()> {
        let counts = comm.all_gather(&runs.len())?.into_iter();
        let most = counts.max().unwrap_or(0);
        // A rank without rows takes part all the same.
        let own = |index: usize| runs.get(index);
        for index in 0..most {
            for (number, dataset) in self.opened.datasets.iter().enumerate() {
                let bytes = own(index).map_or(&[][..], |run| &run.datasets[number]);
                let rows = own(index).filter(|_| !bytes.is_empty());
                let rows = rows.map_or(0..0, |run| self.plan.rows_of(number, &run.units));
                let written = raw_rows::write(dataset, rows, bytes, Transfer::Collective);
                comm.agree(written.map_err(ended))?;
            }
        }
        self.force(comm)?;
        for index in 0..most {
            let positions =
                own(index).map_or(0..0, |run| self.plan.partition.positions_of(&run.units));
            let bytes = vec![own(index).map_or(DONE, |run| run.mark); positions.len()];
            let marked =
                raw_rows::write(&self.opened.marks, positions, &bytes, Transfer::Collective);
            comm.agree(marked.map_err(ended))?;
        }
        self.force(comm)?;
        let mut mine = IndexSet::new();
        for run in runs.iter().filter(|run| run.mark == DONE) {
            mine.insert(self.plan.partition.positions_of(&run.units));
        }
        for done in comm.all_gather(&mine)? {
            for run in done.runs() {
                self.complete.insert(run);
            }
        }
        Ok(())
    }

    /// Brings what the library has in memory into the file. Collective.
    pub(super) fn flush(&self, comm: &dyn Comm) -> Agreed<()> {
        comm.agree(self.flushed().map_err(ended))
    }

    /// Forces what all ranks wrote to the disk. Collective.
    fn force(&self, comm: &dyn Comm) -> Agreed<()> {
        let forced = self.flushed().and_then(|()| collective::force(&self.path));
        comm.agree(forced.map_err(ended))
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
