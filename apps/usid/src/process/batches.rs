use std::ops::Range;

use jobwise_core::{Cause, CpuKernel, Task};

use super::{Process, Rows};

/// How a process's units are cut into the engine's items: fixed batches, whatever runs them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Positions of the source.
    pub positions: usize,
    /// Positions of a unit; the last unit may have fewer.
    pub unit: usize,
    /// Units of a batch; the last batch may have fewer.
    pub batch: usize,
}

impl Cut {
    /// Bytes of a batch, read and written together, beyond which no further unit joins it.
    const BYTES: usize = 1 << 20;
    /// So many batches there are at least, if there are as many units: work for every lane.
    const LEAST: usize = 256;

    /// Cuts `positions` into units of `unit` positions, of `bytes` each.
    pub fn new(positions: usize, unit: usize, bytes: usize) -> Cut {
        let unit = unit.max(1);
        let units = positions.div_ceil(unit);
        let batch = (Cut::BYTES / bytes.max(1)).clamp(1, units.div_ceil(Cut::LEAST).max(1));
        Cut {
            positions,
            unit,
            batch,
        }
    }

    /// How many units.
    pub fn units(&self) -> usize {
        self.positions.div_ceil(self.unit)
    }

    /// How many batches.
    pub fn items(&self) -> usize {
        self.units().div_ceil(self.batch)
    }

    /// The units of a batch.
    pub fn units_of(&self, item: usize) -> Range<usize> {
        let units = self.units();
        (item * self.batch).min(units)..((item + 1) * self.batch).min(units)
    }

    /// The positions of some neighbouring units.
    pub fn positions_of(&self, units: &Range<usize>) -> Range<usize> {
        let place = |unit: usize| (unit * self.unit).min(self.positions);
        place(units.start)..place(units.end)
    }
}

/// A process as the engine sees it: an item is a batch of units.
#[derive(Debug)]
pub(super) struct Batches<'p, P> {
    pub(super) process: &'p P,
    pub(super) cut: Cut,
    /// The first of the items: a round of a run in rounds.
    pub(super) first: usize,
    pub(super) items: usize,
    pub(super) outputs: usize,
}

impl<P: Process> Task for Batches<'_, P> {
    type Item<'t>
        = P::Input<'t>
    where
        Self: 't;
    type Output = Rows;

    fn len(&self) -> usize {
        self.items
    }

    fn read(&self, index: usize) -> Result<P::Input<'_>, Cause> {
        let units = self.cut.units_of(self.first + index);
        let positions = self.cut.positions_of(&units);
        self.process
            .read(units, positions.clone())
            .map_err(at(&positions))
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
        input: P::Input<'_>,
        scratch: &mut P::Scratch,
    ) -> Result<Rows, Cause> {
        let units = self.cut.units_of(self.first + index);
        let positions = self.cut.positions_of(&units);
        let mut rows = Rows::new(self.outputs);
        self.process
            .compute(units, input, scratch, &mut rows)
            .map_err(at(&positions))?;
        Ok(rows)
    }
}

/// Says at which positions something failed.
fn at(positions: &Range<usize>) -> impl FnOnce(Cause) -> Cause {
    let (first, last) = (positions.start, positions.end.saturating_sub(1));
    move |cause| format!("positions {first} to {last}: {cause}").into()
}
