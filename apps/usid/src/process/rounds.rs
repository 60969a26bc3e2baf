//! All ranks write one file together, in rounds: compute, write, mark.

use std::ops::Range;
use std::path::Path;
use std::time::Instant;

use hdf5::Dataset;
use jobwise_core::{
    Backend, Cause, Comm, Cpu, Engine, IndexSet, Job, Layout, Progress, Result as Ended, Sink, Span,
};
use jobwise_hdf5::collective;
use jobwise_hdf5::raw_rows::{self, Transfer};

use super::batches::Batches;
use super::computing::Computing;
use super::pieces::{Pending, Piece, Plan};
use super::run::engine_error;
use super::{COMPLETED, Output, Per, Process, Rows, Settings};
use crate::Result;
use crate::error::refused;
use crate::format::{Element, Scalar};

/// The results group as all ranks have it open.
pub(super) struct Rounds<'a> {
    path: &'a Path,
    plan: &'a Plan,
    datasets: Vec<Dataset>,
    marks: Dataset,
    file: hdf5::File,
    /// Positions marked, by any rank.
    complete: IndexSet,
}

impl<'a> Rounds<'a> {
    /// Opens `group` for all ranks. Collective.
    pub(super) fn open(
        path: &'a Path,
        group: &str,
        plan: &'a Plan,
        complete: IndexSet,
    ) -> Result<Rounds<'a>> {
        let file = collective::open_rw(path)?;
        let dataset = |name: &str, element: &Element| {
            let dataset = file
                .dataset(&format!("{group}/{name}"))
                .map_err(refused(path, format!("{group}/{name}")))?;
            element.must_lie_in(&dataset).map(|()| dataset)
        };
        let outputs = plan.outputs.iter();
        let datasets: Result<Vec<Dataset>> = outputs
            .map(|output| dataset(&output.name, &output.element))
            .collect();
        Ok(Rounds {
            path,
            plan,
            datasets: datasets?,
            marks: dataset(COMPLETED, &Element::Real(Scalar::MARK))?,
            file,
            complete,
        })
    }

    /// Computes and stores what is left; how many positions are marked in the end. Collective.
    pub(super) fn run<B: Backend<Device = Cpu>, P: Process>(
        mut self,
        run: &Computing<'_, B, P>,
    ) -> Ended<usize> {
        let (comm, settings, cut) = (run.backend.comm(), run.settings, self.plan.cut);
        let items = cut.items();
        let part = part(settings.job, items);
        let mut at = part.start;
        // Ranks may have different numbers of lanes, and must go the same rounds.
        let lanes: usize = comm.all_gather(&run.backend.lanes())?.into_iter().sum();
        let mut length = 2 * lanes;
        while at < part.end {
            let started = Instant::now();
            let round = at..part.end.min(at + length);
            let kernel = Batches {
                process: run.process,
                outputs: &self.plan.outputs,
                cut,
                first: round.start,
                items: round.len(),
                is_strict: settings.is_strict,
                tallies: &run.tallies,
            };
            let mut held = Held {
                rounds: &self,
                first: round.start,
                rows: Pending::default(),
            };
            let engine = Engine::new(run.backend)
                .cancel(&settings.cancel)
                .checkpoint(settings.checkpoint);
            let computed = engine.write(&kernel, &mut held);
            let rows = held.rows.take();
            // Also after an error elsewhere: what this round has finished is kept, and every rank
            // must take part.
            let alive = !matches!(
                computed,
                Err(jobwise_core::Error::Stranded(_) | jobwise_core::Error::PeerLost { .. })
            );
            if alive {
                self.store(comm, &rows)?;
            }
            computed?;
            at = round.end;
            run.observer.progress(Progress {
                total: part.len(),
                done: at - part.start,
                skipped: 0,
                failed: 0,
            });
            length = next(comm, length, started, settings)?.min(self.most(comm, settings));
        }
        let done = self.complete.len();
        let flushed = self.file.flush().map_err(refused(self.path, "file"));
        comm.agree(flushed.map_err(engine_error))?;
        Ok(done)
    }

    /// Items of a round whose rows fit each rank's memory, twice over: as they come and as they are
    /// written.
    fn most(&self, comm: &dyn Comm, settings: &Settings) -> usize {
        let cut = self.plan.cut;
        let positions = cut.positions_of(&cut.units_of(0)).len();
        let rows = |output: &Output| match output.rows {
            Per::Unit => cut.batch * output.row_bytes(),
            per => per.of(positions) * output.row_bytes(),
        };
        let bytes: usize = self.plan.outputs.iter().map(rows).sum();
        comm.size() * (settings.memory / (2 * bytes.max(1))).max(1)
    }

    /// Writes and marks the rows of a round, which each rank has some of. Collective.
    fn store(&mut self, comm: &dyn Comm, pieces: &[Piece]) -> Ended<()> {
        let cut = self.plan.cut;
        let most = comm
            .all_gather(&pieces.len())?
            .into_iter()
            .max()
            .unwrap_or(0);
        for index in 0..most {
            let piece = pieces.get(index);
            for (output, dataset) in self.datasets.iter().enumerate() {
                let (first, bytes) = piece.map_or((0, &[][..]), |piece| {
                    let first = self.plan.first_row(output, piece.units.start);
                    (first, &piece.outputs[output][..])
                });
                let count = bytes.len() / self.plan.outputs[output].row_bytes();
                let rows = first..first + count;
                let written = raw_rows::write(dataset, rows, bytes, Transfer::Collective);
                comm.agree(written.map_err(|error| engine_error(error.into())))?;
            }
        }
        self.force(comm)?;
        for index in 0..most {
            let positions = pieces
                .get(index)
                .map_or(0..0, |piece| cut.positions_of(&piece.units));
            let ones = vec![1; positions.len()];
            let marked = raw_rows::write(&self.marks, positions, &ones, Transfer::Collective);
            comm.agree(marked.map_err(|error| engine_error(error.into())))?;
        }
        self.force(comm)?;
        let mut mine = IndexSet::new();
        for piece in pieces {
            mine.insert(cut.positions_of(&piece.units));
        }
        for done in comm.all_gather(&mine)? {
            for run in done.runs() {
                self.complete.insert(run);
            }
        }
        Ok(())
    }

    /// Forces what all ranks wrote to the disk. Collective.
    fn force(&self, comm: &dyn Comm) -> Ended<()> {
        let flushed = self.file.flush().map_err(refused(self.path, "file"));
        let forced = flushed.and_then(|()| Ok(collective::force(self.path)?));
        comm.agree(forced.map_err(engine_error))
    }
}

/// The items of a job: contiguous.
fn part(job: Job, items: usize) -> Range<usize> {
    let part = Span::whole(items).part(job, Layout::default());
    let first = part.get(0).unwrap_or(0);
    first..first + part.len()
}

/// The length of the next round in items: as many as fit the time between checkpoints, and at most
/// twice as many as now. Root decides. Collective.
fn next(comm: &dyn Comm, length: usize, started: Instant, settings: &Settings) -> Ended<usize> {
    let took = started.elapsed().as_secs_f64().max(1e-6);
    let fitting = length as f64 * settings.checkpoint.as_secs_f64() / took;
    let most = 2 * length;
    let length = (fitting as usize).clamp(comm.size(), most.max(comm.size()));
    comm.broadcast_value((comm.rank() == 0).then_some(length))
}

/// The rows that this rank computed in a round.
struct Held<'r, 'a> {
    rounds: &'r Rounds<'a>,
    first: usize,
    rows: Pending,
}

impl Sink<Rows> for Held<'_, '_> {
    fn done(&mut self, within: Range<usize>) -> std::result::Result<IndexSet, Cause> {
        let shifted = within.start + self.first..within.end + self.first;
        let done = self.rounds.plan.items_done(&self.rounds.complete, shifted);
        Ok(done
            .runs()
            .flatten()
            .map(|item| item - self.first)
            .collect())
    }

    fn write(&mut self, index: usize, rows: Rows) -> std::result::Result<(), Cause> {
        let item = self.first + index;
        Ok(self.rows.add(self.rounds.plan, item, rows)?)
    }
}
