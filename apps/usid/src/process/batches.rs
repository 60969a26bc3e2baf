use std::ops::Range;

use jobwise_core::{Cause, CpuKernel, IndexSet, Signature, Workload};

use super::digests;
use super::tally::{Tallies, Tally};
use super::{Cut, Output, Process, Rows};

/// A process as the engine sees it: an item is a batch of units.
#[derive(Debug)]
pub(super) struct Batches<'p, P> {
    pub(super) process: &'p P,
    /// The process's own, and the digests.
    pub(super) outputs: &'p [Output],
    pub(super) cut: Cut,
    /// The first of the items: a round of a run in rounds.
    pub(super) first: usize,
    pub(super) items: usize,
    /// Whether a row that cannot be read ends the run.
    pub(super) is_strict: bool,
    pub(super) tallies: &'p Tallies,
}

/// The source's rows of some neighbouring units.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// Runs of units that could be read, with their bytes.
    runs: Vec<(Range<usize>, Vec<u8>)>,
    /// The other units.
    lost: IndexSet,
    /// Why the first of them is lost.
    why: String,
}

impl<P: Process> Batches<'_, P> {
    /// Reads units one by one, where they cannot be read together.
    fn one_by_one(&self, units: Range<usize>) -> Taken {
        let mut taken = Taken::default();
        for unit in units {
            let positions = self.cut.positions_of(&(unit..unit + 1));
            match self.process.source().read(positions) {
                Ok(bytes) => match taken.runs.last_mut() {
                    Some((run, all)) if run.end == unit => {
                        run.end = unit + 1;
                        all.extend(bytes);
                    }
                    _ => taken.runs.push((unit..unit + 1, bytes)),
                },
                Err(error) => {
                    if taken.lost.is_empty() {
                        taken.why = error.to_string();
                    }
                    taken.lost.insert(unit..unit + 1);
                }
            }
        }
        taken
    }
}

impl<P: Process> Signature for Batches<'_, P> {
    type Item<'t>
        = Taken
    where
        Self: 't;
    type Output = Rows;
}

impl<P: Process> Workload for Batches<'_, P> {
    fn len(&self) -> usize {
        self.items
    }

    fn read(&self, index: usize) -> Result<Taken, Cause> {
        let units = self.cut.units_of(self.first + index);
        let positions = self.cut.positions_of(&units);
        match self.process.source().read(positions.clone()) {
            Ok(bytes) => Ok(Taken {
                runs: vec![(units, bytes)],
                ..Taken::default()
            }),
            Err(error) if self.is_strict => Err(of_positions(&positions)(error.into())),
            Err(_) => Ok(self.one_by_one(units)),
        }
    }
}

impl<P: Process> CpuKernel for Batches<'_, P> {
    type Scratch = P::Scratch;

    fn scratch(&self) -> Result<P::Scratch, Cause> {
        self.process.scratch()
    }

    fn compute(&self, index: usize, taken: Taken, scratch: &mut P::Scratch) -> Result<Rows, Cause> {
        let units = self.cut.units_of(self.first + index);
        let positions = self.cut.positions_of(&units);
        let mut rows = Rows::new(self.outputs.len());
        let mut tally = Tally {
            why: taken.why,
            ..Tally::default()
        };
        for run in taken.lost.runs() {
            tally.unreadable.insert(self.cut.positions_of(&run));
        }
        let row_bytes = self.process.source().row_bytes();
        let mut digests = Vec::new();
        for (run, bytes) in &taken.runs {
            let mut rest = bytes.as_slice();
            // One by one: the rows are in the cache when their digests are computed.
            for unit in run.clone() {
                let length = self.cut.positions_of(&(unit..unit + 1)).len() * row_bytes;
                let (source, more) = rest.split_at(length.min(rest.len()));
                rest = more;
                let starts: Vec<usize> = rows.outputs().iter().map(Vec::len).collect();
                let from = digests::of_source(unit, source);
                self.process
                    .compute(unit..unit + 1, source, scratch, &mut rows, &mut tally)
                    .map_err(of_positions(&positions))?;
                let outputs = self.process.outputs().len();
                let results = rows.outputs().iter().zip(starts).take(outputs);
                let results = results.map(|(bytes, start)| &bytes[start..]);
                digests.extend(from.to_le_bytes());
                digests.extend(digests::of_results(unit, results).to_le_bytes());
            }
        }
        rows.push_bytes(self.process.outputs().len(), &digests);
        tally.outputs = rows.losses().to_vec();
        self.tallies.add(&tally);
        rows.leave_out(taken.lost);
        Ok(rows)
    }
}

/// Says at which positions something failed.
fn of_positions(positions: &Range<usize>) -> impl FnOnce(Cause) -> Cause {
    let (first, last) = (positions.start, positions.end.saturating_sub(1));
    move |cause| format!("positions {first} to {last}: {cause}").into()
}
