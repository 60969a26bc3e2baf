use std::ops::Range;

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
