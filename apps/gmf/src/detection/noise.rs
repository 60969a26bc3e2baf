use ndarray::Array2;

use crate::Result;
use crate::product::Products;

/// The noise floor of every range gate.
#[derive(Clone, Debug, PartialEq)]
pub struct NoiseFloor {
    /// Of each file, shape (files, gates): the median over its integrations of the power without
    /// Doppler. NaN in files without an integration that was analysed.
    pub per_file: Array2<f32>,
    /// Of each gate: the median over the files. NaN where no file has one.
    pub per_gate: Vec<f32>,
}

impl NoiseFloor {
    /// Reads the power without Doppler of every file. Integrations that were not analysed do not
    /// count.
    ///
    /// A target moves through a gate quickly compared to the time a file spans, so the median is
    /// that of noise; a target that stays in one gate for more than half of it raises the floor
    /// there.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(products: &Products) -> Result<NoiseFloor> {
        let gates = products.layout().ranges.len();
        let mut per_file = Vec::new();
        for rows in products.rows() {
            let rows = rows?;
            let power = rows.gmf_zero_frequency()?;
            per_file.extend(file_floor(&power, &rows.analysed()?));
        }
        let files = per_file.len() / gates;
        // Every file adds one value per gate.
        let per_file =
            Array2::from_shape_fn((files, gates), |(file, gate)| per_file[file * gates + gate]);
        let mut scratch = Vec::new();
        let per_gate = per_file
            .columns()
            .into_iter()
            .map(|column| median(column.iter().copied(), &mut scratch))
            .collect();
        Ok(NoiseFloor { per_file, per_gate })
    }
}

/// The noise floor of each gate of one file: the median over the integrations (rows of `power`)
/// that are `counted`, NaN when there is none. Of an even number the mean of the middle two; values
/// that are NaN do not count.
pub fn file_floor(power: &Array2<f32>, counted: &[bool]) -> Vec<f32> {
    let mut scratch = Vec::new();
    let medians = power.columns().into_iter().map(|gate| {
        let values = gate.iter().zip(counted).filter(|(_, counted)| **counted);
        median(values.map(|(&value, _)| value), &mut scratch)
    });
    medians.collect()
}

fn median(values: impl Iterator<Item = f32>, scratch: &mut Vec<f32>) -> f32 {
    scratch.clear();
    scratch.extend(values.filter(|value| !value.is_nan()));
    let middle = scratch.len() / 2;
    if scratch.is_empty() {
        return f32::NAN;
    }
    let is_even = scratch.len().is_multiple_of(2);
    let (below, &mut upper, _) = scratch.select_nth_unstable_by(middle, f32::total_cmp);
    if is_even {
        let lower = below.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        // Halves first: the sum of two large numbers may have no place.
        lower / 2.0 + upper / 2.0
    } else {
        upper
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        let nan = f32::NAN;
        for (values, expected) in [
            (&[3.0, 1.0, 2.0][..], 2.0),
            (&[4.0, 1.0, 3.0, 2.0], 2.5),
            (&[nan, 5.0, nan], 5.0),
            (&[f32::MAX, f32::MAX], f32::MAX),
        ] {
            let found = median(values.iter().copied(), &mut Vec::new());
            assert_eq!(found.to_bits(), f32::to_bits(expected), "{values:?}");
        }
        assert!(median([nan].into_iter(), &mut Vec::new()).is_nan());
    }

    #[test]
    fn integrations_that_were_not_analysed_do_not_count() {
        let power = ndarray::array![[1.0, 10.0], [0.0, 0.0], [3.0, 30.0]];
        assert_eq!(file_floor(&power, &[true, false, true]), [2.0, 20.0]);
        assert!(file_floor(&power, &[false; 3])[0].is_nan());
    }
}
