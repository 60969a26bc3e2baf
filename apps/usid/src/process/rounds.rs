//! All ranks write one file together, in rounds: compute, write, mark.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::time::Instant;

use hdf5::Dataset;
use jobwise_core::{
    Backend, Cause, Comm, Cpu, Engine, IndexSet, Job, Layout, Observer, Progress, Result as Ended,
    Sink, Span, Wire,
};
use jobwise_kit::h5::raw_rows::{self, Transfer};
use jobwise_kit::h5::together;

use super::batches::Batches;
use super::run::ended;
use super::store::{check, first_row, items_done, positions_of};
use super::{COMPLETED, Cut, Output, Per, Process, Rows, Settings};
use crate::Result;
use crate::error::refused;

/// The results group as all ranks have it open.
pub(super) struct Rounds<'a> {
    path: &'a Path,
    cut: Cut,
    outputs: &'a [Output],
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
        outputs: &'a [Output],
        cut: Cut,
        complete: IndexSet,
    ) -> Result<Rounds<'a>> {
        let file = together::open_rw(path)?;
        let dataset = |name: &str| {
            file.dataset(&format!("{group}/{name}"))
                .map_err(refused(path, format!("{group}/{name}")))
        };
        let datasets: Result<Vec<Dataset>> =
            outputs.iter().map(|output| dataset(&output.name)).collect();
        Ok(Rounds {
            path,
            cut,
            outputs,
            datasets: datasets?,
            marks: dataset(COMPLETED)?,
            file,
            complete,
        })
    }

    /// Computes and stores what is left; how many positions are marked in the end. Collective.
    pub(super) fn run<B: Backend<Device = Cpu>, P: Process>(
        mut self,
        backend: &B,
        process: &P,
        settings: &Settings,
        observer: &dyn Observer,
    ) -> Ended<usize> {
        let comm = backend.comm();
        let items = self.cut.items();
        let part = part(settings.job, items);
        let mut at = part.start;
        // Ranks may have different numbers of lanes, and must go the same rounds.
        let lanes: usize = everywhere(comm, &backend.lanes())?.into_iter().sum();
        let mut length = 2 * lanes;
        while at < part.end {
            let started = Instant::now();
            let round = at..part.end.min(at + length);
            let kernel = Batches {
                process,
                cut: self.cut,
                first: round.start,
                items: round.len(),
                outputs: self.outputs.len(),
            };
            let mut held = Held {
                rounds: &self,
                first: round.start,
                rows: BTreeMap::new(),
            };
            let engine = Engine::new(backend)
                .cancel(&settings.cancel)
                .checkpoint(settings.checkpoint);
            let computed = engine.write(&kernel, &mut held);
            let rows = std::mem::take(&mut held.rows);
            // Also after an error elsewhere: what this round has finished is kept, and every rank must take part.
            let alive = !matches!(
                computed,
                Err(jobwise_core::Error::Stranded(_) | jobwise_core::Error::PeerLost { .. })
            );
            if alive {
                self.store(comm, &rows)?;
            }
            computed?;
            at = round.end;
            observer.progress(Progress {
                total: part.len(),
                done: at - part.start,
                skipped: 0,
                failed: 0,
            });
            length = next(comm, length, started, settings)?.min(self.most(comm, settings));
        }
        let done = self.complete.len();
        let flushed = self.file.flush().map_err(refused(self.path, "file"));
        comm.agree(flushed.map_err(ended))?;
        Ok(done)
    }

    /// Items of a round whose rows fit each rank's memory, twice over: as they come and as they are written.
    fn most(&self, comm: &dyn Comm, settings: &Settings) -> usize {
        let positions = self.cut.positions_of(&self.cut.units_of(0)).len();
        let rows = |output: &Output| match output.rows {
            Per::Unit => self.cut.batch * output.row_bytes(),
            per => per.of(positions) * output.row_bytes(),
        };
        let bytes: usize = self.outputs.iter().map(rows).sum();
        comm.size() * (settings.memory / (2 * bytes.max(1))).max(1)
    }

    /// Writes and marks the rows of a round, which each rank has some of. Collective.
    fn store(&mut self, comm: &dyn Comm, rows: &BTreeMap<usize, Rows>) -> Ended<()> {
        let items: IndexSet = rows.keys().copied().collect();
        let runs: Vec<Range<usize>> = items.runs().collect();
        let most = everywhere(comm, &runs.len())?
            .into_iter()
            .max()
            .unwrap_or(0);
        for index in 0..most {
            let run = runs.get(index);
            for (output, dataset) in self.datasets.iter().enumerate() {
                let (first, bytes) = match run {
                    Some(run) => self.joined(run, output, rows),
                    None => (0, Vec::new()),
                };
                let count = bytes.len() / self.outputs[output].row_bytes();
                let rows = first..first + count;
                let written = raw_rows::write(dataset, rows, &bytes, Transfer::Collective);
                comm.agree(written.map_err(|error| ended(error.into())))?;
            }
        }
        self.force(comm)?;
        for index in 0..most {
            let positions = runs
                .get(index)
                .map_or(0..0, |run| positions_of(&self.cut, run));
            let ones = vec![1; positions.len()];
            let marked = raw_rows::write(&self.marks, positions, &ones, Transfer::Collective);
            comm.agree(marked.map_err(|error| ended(error.into())))?;
        }
        self.force(comm)?;
        for done in everywhere(comm, &items)? {
            for run in done.runs() {
                self.complete.insert(positions_of(&self.cut, &run));
            }
        }
        Ok(())
    }

    /// The rows of neighbouring batches in an output, and the first of them.
    fn joined(
        &self,
        run: &Range<usize>,
        output: usize,
        rows: &BTreeMap<usize, Rows>,
    ) -> (usize, Vec<u8>) {
        let bytes = rows
            .range(run.clone())
            .flat_map(|(_, rows)| rows.outputs()[output].iter().copied());
        let first = first_row(&self.cut, self.outputs[output].rows, run.start);
        (first, bytes.collect())
    }

    /// Forces what all ranks wrote to the disk. Collective.
    fn force(&self, comm: &dyn Comm) -> Ended<()> {
        let flushed = self.file.flush().map_err(refused(self.path, "file"));
        let forced = flushed.and_then(|()| Ok(together::force(self.path)?));
        comm.agree(forced.map_err(ended))
    }
}

/// The items of a job: contiguous.
fn part(job: Job, items: usize) -> Range<usize> {
    let part = Span::whole(items).part(job, Layout::default());
    let first = part.at(0).unwrap_or(0);
    first..first + part.len()
}

/// What every rank says, on every rank. Collective.
pub(super) fn everywhere<T: Wire>(comm: &dyn Comm, mine: &T) -> Ended<Vec<T>> {
    let mut bytes = Vec::new();
    if let Some(all) = comm.gather(0, &mine.to_bytes())? {
        bytes = all.to_bytes();
    }
    comm.broadcast(0, &mut bytes)?;
    let all = Vec::<Vec<u8>>::from_bytes(&bytes)?;
    all.iter().map(|bytes| T::from_bytes(bytes)).collect()
}

/// The length of the next round in items: as many as fit the time between checkpoints, and at most twice as many as now. Root decides.
/// Collective.
fn next(comm: &dyn Comm, length: usize, started: Instant, settings: &Settings) -> Ended<usize> {
    let took = started.elapsed().as_secs_f64().max(1e-6);
    let fitting = length as f64 * settings.checkpoint.as_secs_f64() / took;
    let most = 2 * length;
    let mut bytes = (fitting as usize)
        .clamp(comm.size(), most.max(comm.size()))
        .to_bytes();
    comm.broadcast(0, &mut bytes)?;
    usize::from_bytes(&bytes)
}

/// The rows that this rank computed in a round.
struct Held<'r, 'a> {
    rounds: &'r Rounds<'a>,
    first: usize,
    rows: BTreeMap<usize, Rows>,
}

impl Sink<Rows> for Held<'_, '_> {
    fn done(&mut self, within: Range<usize>) -> std::result::Result<IndexSet, Cause> {
        let shifted = within.start + self.first..within.end + self.first;
        let done = items_done(&self.rounds.cut, &self.rounds.complete, shifted);
        Ok(done
            .runs()
            .flatten()
            .map(|item| item - self.first)
            .collect())
    }

    fn write(&mut self, index: usize, rows: Rows) -> std::result::Result<(), Cause> {
        let item = self.first + index;
        check(&self.rounds.cut, self.rounds.outputs, item, &rows)?;
        self.rows.insert(item, rows);
        Ok(())
    }
}
