use jobwise_core::{Result, Wire};

use super::tiles::Tiles;
use crate::object::Units;

/// What one scan adds to a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// The unit of its samples.
    pub units: Units,
    /// The time of its first sample, in 10 ns since 1970.
    pub start: i64,
    /// The time of its last sample.
    pub stop: i64,
    pub(super) tiles: Tiles,
}

impl Wire for Contribution {
    fn put(&self, out: &mut Vec<u8>) {
        (self.units.0, self.start, self.stop).put(out);
        self.tiles.put(out);
    }

    fn take(input: &mut &[u8]) -> Result<Contribution> {
        let (units, start, stop) = Wire::take(input)?;
        Ok(Contribution {
            units: Units(units),
            start,
            stop,
            tiles: Tiles::take(input)?,
        })
    }
}
