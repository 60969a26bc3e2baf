use std::ops::Range;

/// How positions are cut into units, and units into the engine's items: the same whatever runs
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Positions in all.
    pub positions: usize,
    /// Positions of a unit, at least 1; the last unit may have fewer.
    pub unit: usize,
    /// Units of an item, at least 1; the last item may have fewer.
    pub batch: usize,
}

impl Partition {
    /// Bytes of an item, read and written together, beyond which no further unit joins it.
    const BYTES: usize = 1 << 20;
    /// So many items there are at least, if there are as many units: work for every lane.
    const LEAST: usize = 256;

    /// Each position is a unit and an item of its own.
    pub fn single(positions: usize) -> Partition {
        Partition {
            positions,
            unit: 1,
            batch: 1,
        }
    }

    /// Cuts `positions` into units of `unit` positions, of `bytes` each, and items of about a
    /// mebibyte, but at least 256 of them.
    pub fn new(positions: usize, unit: usize, bytes: usize) -> Partition {
        let unit = unit.max(1);
        let units = positions.div_ceil(unit);
        let batch = Partition::BYTES / bytes.max(1);
        Partition {
            positions,
            unit,
            batch: batch.clamp(1, units.div_ceil(Partition::LEAST).max(1)),
        }
    }

    /// How many units.
    pub fn units(&self) -> usize {
        self.positions.div_ceil(self.unit)
    }

    /// How many items.
    pub fn items(&self) -> usize {
        self.units().div_ceil(self.batch)
    }

    /// The units of an item.
    pub fn units_of(&self, item: usize) -> Range<usize> {
        let units = self.units();
        (item * self.batch).min(units)..((item + 1) * self.batch).min(units)
    }

    /// The positions of some neighbouring units.
    pub fn positions_of(&self, units: &Range<usize>) -> Range<usize> {
        let first = |unit: usize| (unit * self.unit).min(self.positions);
        first(units.start)..first(units.end)
    }
}
