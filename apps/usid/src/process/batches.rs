use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jobwise_core::{Cause, CpuKernel, IndexSet, Signature, Workload};
use jobwise_hdf5::row_store::{self, DONE, Partition};

use super::digests;
use super::tally::{Tallies, Tally};
use super::{Output, Process, Rows};

/// A process as the engine sees it: an item is a batch of units.
#[derive(Debug)]
pub(super) struct Batches<'p, P> {
    pub(super) process: &'p P,
    /// The process's own, and the digests.
    pub(super) outputs: &'p [Output],
    pub(super) partition: Partition,
    /// Whether a row that cannot be read ends the run.
    pub(super) is_strict: bool,
    pub(super) tallies: &'p Tallies,
    /// Buffers that were read into and are free again.
    pub(super) spare: Spare,
}

/// Buffers of some batches, taken and given back on any lane.
#[derive(Debug, Default)]
pub(super) struct Spare(Mutex<Vec<Vec<u8>>>);

impl Spare {
    fn take(&self) -> Vec<u8> {
        self.buffers().pop().unwrap_or_default()
    }

    fn give_back(&self, buffer: Vec<u8>) {
        self.buffers().push(buffer);
    }

    fn buffers(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        // Buffers are as good after a panic as before.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
            let positions = self.partition.positions_of(&(unit..unit + 1));
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

    /// Computes units, and their digests, from their rows of the source.
    fn run(
        &self,
        units: Range<usize>,
        bytes: &[u8],
        scratch: &mut P::Scratch,
        tally: &mut Tally,
    ) -> Result<Rows, Cause> {
        let outputs = self.process.outputs().len();
        let row_bytes = self.process.source().row_bytes();
        let mut rows = Rows::with_room(self.outputs, self.partition.positions_of(&units).len());
        let mut digests = Vec::with_capacity(units.len() * digests::BYTES);
        let mut starts = vec![0; outputs];
        let mut rest = bytes;
        // One by one: the rows are in the cache when their digests are computed.
        for unit in units {
            let positions = self.partition.positions_of(&(unit..unit + 1));
            let length = positions.len() * row_bytes;
            let (source, more) = rest.split_at(length.min(rest.len()));
            rest = more;
            for (start, bytes) in starts.iter_mut().zip(rows.outputs()) {
                *start = bytes.len();
            }
            let from = digests::of_source(unit, source);
            self.process
                .compute(unit..unit + 1, source, scratch, &mut rows, tally)?;
            let results = rows.outputs().iter().zip(&starts);
            let results = results.map(|(bytes, &start)| &bytes[start..]);
            digests.extend(from.to_le_bytes());
            digests.extend(digests::of_results(unit, results).to_le_bytes());
        }
        rows.push_bytes(outputs, &digests);
        Ok(rows)
    }
}

impl<P: Process> Signature for Batches<'_, P> {
    type Item<'t>
        = Taken
    where
        Self: 't;
    type Output = row_store::Rows;
}

impl<P: Process> Workload for Batches<'_, P> {
    fn len(&self) -> usize {
        self.partition.items()
    }

    fn read(&self, index: usize) -> Result<Taken, Cause> {
        let units = self.partition.units_of(index);
        let positions = self.partition.positions_of(&units);
        let mut bytes = self.spare.take();
        let source = self.process.source();
        match source.read_into(positions.clone(), &mut bytes) {
            Ok(()) => Ok(Taken {
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

    fn compute(
        &self,
        index: usize,
        taken: Taken,
        scratch: &mut P::Scratch,
    ) -> Result<row_store::Rows, Cause> {
        let mut tally = Tally {
            why: taken.why,
            ..Tally::default()
        };
        for run in taken.lost.runs() {
            tally.unreadable.insert(self.partition.positions_of(&run));
        }
        let mut all = row_store::Rows::new();
        let mut free = None;
        for (run, bytes) in taken.runs {
            let rows = self
                .run(run.clone(), &bytes, scratch, &mut tally)
                .map_err(|cause| {
                    let units = self.partition.units_of(index);
                    of_positions(&self.partition.positions_of(&units))(cause)
                })?;
            tally.add(&Tally {
                outputs: rows.losses().to_vec(),
                ..Tally::default()
            });
            all.push(run, DONE, rows.into_outputs());
            free = Some(bytes);
        }
        self.tallies.add(&tally);
        // One for each that was taken, at most.
        if let Some(buffer) = free {
            self.spare.give_back(buffer);
        }
        Ok(all)
    }
}

/// Says at which positions something failed.
fn of_positions(positions: &Range<usize>) -> impl FnOnce(Cause) -> Cause {
    let (first, last) = (positions.start, positions.end.saturating_sub(1));
    move |cause| format!("positions {first} to {last}: {cause}").into()
}
