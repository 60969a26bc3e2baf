use std::collections::BTreeMap;
use std::ops::Range;

use jobwise_core::IndexSet;

use super::{Cut, Output, Per, Rows};
use crate::{Error, Result};

/// Where the rows of units lie in each output.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) cut: Cut,
    pub(super) outputs: Vec<Output>,
}

impl Plan {
    /// The first row of a unit in an output.
    pub(super) fn first_row(&self, output: usize, unit: usize) -> usize {
        match self.outputs[output].rows {
            Per::Unit => unit,
            per => per.of(self.cut.positions_of(&(unit..unit)).start),
        }
    }

    /// Bytes of the rows of some units in an output.
    fn bytes(&self, output: usize, units: &Range<usize>) -> usize {
        let output = &self.outputs[output];
        let rows = match output.rows {
            Per::Unit => units.len(),
            per => per.of(self.cut.positions_of(units).len()),
        };
        rows * output.row_bytes()
    }

    /// The batches of which no unit is left to do.
    pub(super) fn items_done(&self, complete: &IndexSet, within: Range<usize>) -> IndexSet {
        let done = |item: &usize| {
            let positions = self.cut.positions_of(&self.cut.units_of(*item));
            complete.missing(positions).is_empty()
        };
        within.filter(done).collect()
    }

    /// The runs of units of which a batch brings rows, each with its rows.
    ///
    /// # Errors
    /// The batch does not bring the rows that it should.
    pub(super) fn split(&self, item: usize, rows: Rows) -> Result<Vec<Piece>> {
        let units = self.cut.units_of(item);
        let runs = rows.lost().missing(units.clone());
        for (output, bytes) in rows.outputs().iter().enumerate() {
            let wanted: usize = runs.iter().map(|run| self.bytes(output, run)).sum();
            if bytes.len() != wanted {
                let (name, got) = (&self.outputs[output].name, bytes.len());
                return Err(Error::Request(format!(
                    "{name}: units {} to {} gave {got} bytes instead of {wanted}",
                    units.start, units.end
                )));
            }
        }
        if let [whole] = runs.as_slice()
            && *whole == units
        {
            return Ok(vec![Piece {
                units,
                outputs: rows.into_outputs(),
            }]);
        }
        let mut starts = vec![0; self.outputs.len()];
        let pieces = runs.into_iter().map(|units| Piece {
            outputs: starts
                .iter_mut()
                .enumerate()
                .map(|(output, start)| {
                    let bytes = *start..*start + self.bytes(output, &units);
                    *start = bytes.end;
                    rows.outputs()[output][bytes].to_vec()
                })
                .collect(),
            units,
        });
        Ok(pieces.collect())
    }
}

/// The rows of neighbouring units in each output.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) units: Range<usize>,
    pub(super) outputs: Vec<Vec<u8>>,
}

/// Rows in memory that are not in the file yet.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// By their first unit.
    pieces: BTreeMap<usize, Piece>,
    bytes: usize,
}

impl Pending {
    /// Adds the rows of a batch.
    ///
    /// # Errors
    /// As [`Plan::split`].
    pub(super) fn add(&mut self, plan: &Plan, item: usize, rows: Rows) -> Result<()> {
        self.bytes += rows.bytes();
        for piece in plan.split(item, rows)? {
            self.pieces.insert(piece.units.start, piece);
        }
        Ok(())
    }

    /// Bytes of all.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes all; the rows of neighbours are joined, for fewer and longer writes.
    pub(super) fn take(&mut self) -> Vec<Piece> {
        let mut joined: Vec<Piece> = Vec::new();
        for piece in std::mem::take(&mut self.pieces).into_values() {
            match joined.last_mut() {
                Some(last) if last.units.end == piece.units.start => {
                    last.units.end = piece.units.end;
                    for (all, more) in last.outputs.iter_mut().zip(&piece.outputs) {
                        all.extend_from_slice(more);
                    }
                }
                _ => joined.push(piece),
            }
        }
        self.bytes = 0;
        joined
    }
}
