//! Refined peaks as a file holds them.

use super::content::{TIME, Value, Values, Variable};
use super::format::Part;
use super::stored::Stored;
use crate::Result;
use crate::refine::Refined;

/// Range, range rate and acceleration: shape (integrations, 3).
pub(super) const PEAK: &str = "gmf_optimized_peak";
/// Powers: shape (integrations, 1).
pub(super) const POWER: &str = "gmf_optimized";
/// The attribute that names the optimiser.
pub(super) const OPTIMIZER: &str = "optimizer";
/// The attribute that numbers what optimisers mean; it changes when a release computes something
/// else.
pub(super) const VERSION: (&str, i64) = ("optimizer_version", 1);

/// Stands for the refined peak of an integration that is still to be refined.
pub(super) const TO_REFINE: Refined = Refined {
    peak: [f64::NAN; 3],
    power: f64::NAN,
};

/// Range, range rate and acceleration of each integration of a file after an optimisation; `None`
/// where there was none.
pub(crate) fn optimised_peaks(file: &Stored) -> Result<Option<Vec<[f64; 3]>>> {
    if !file.has(PEAK) {
        return Ok(None);
    }
    let all = file.matrix::<f64>(PEAK, 3)?;
    let rows = all.outer_iter().map(|row| [row[0], row[1], row[2]]);
    Ok(Some(rows.collect()))
}

/// The refined peaks of a file.
#[derive(Clone, Debug)]
pub(crate) struct RefinedPeaks {
    pub(super) optimizer: String,
    pub(super) version: i64,
    /// Of every integration; a power that is NaN stands for one that is still to be refined.
    pub(crate) rows: Vec<Refined>,
}

impl RefinedPeaks {
    /// Reads them; `None` where there are none, or none that this program writes.
    pub(super) fn read(file: &Stored) -> Result<Option<RefinedPeaks>> {
        if !file.has(POWER) || !file.has(PEAK) {
            return Ok(None);
        }
        let attribute = |name| file.attribute(Part::Variable(POWER), name);
        let Some(Value::Text(optimizer)) = attribute(OPTIMIZER)? else {
            return Ok(None);
        };
        let Some(Value::Integer(version)) = attribute(VERSION.0)? else {
            return Ok(None);
        };
        let powers = file.matrix::<f64>(POWER, 1)?;
        let peaks = file.matrix::<f64>(PEAK, 3)?;
        let rows = peaks
            .outer_iter()
            .zip(&powers)
            .map(|(peak, &power)| Refined {
                peak: [peak[0], peak[1], peak[2]],
                power,
            });
        Ok(Some(RefinedPeaks {
            optimizer,
            version,
            rows: rows.collect(),
        }))
    }

    /// The variables that hold them.
    pub(super) fn variables(&self) -> Vec<Variable<'static>> {
        let count = self.rows.len();
        let peaks = self.rows.iter().flat_map(|row| row.peak).collect();
        let powers = self.rows.iter().map(|row| row.power).collect();
        let variable = |name, columns, values: Vec<f64>, long_name| {
            let (shape, axes) = (vec![count, columns], vec![TIME, None]);
            let mut made = Variable::results(name, shape, axes, Values::Whole(values), long_name);
            made.attributes = vec![
                (OPTIMIZER, Value::Text(self.optimizer.clone())),
                (VERSION.0, Value::Integer(self.version)),
            ];
            made
        };
        vec![
            variable(
                PEAK,
                3,
                peaks,
                "Refined range, range rate and acceleration of the peak",
            ),
            variable(
                POWER,
                1,
                powers,
                "Matched-filter power at the refined peak, at the full sample rate",
            ),
        ]
    }
}
