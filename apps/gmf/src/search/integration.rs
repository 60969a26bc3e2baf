//! The result of one integration.

use super::cube::Cube;
use super::peak::first_above;
use crate::parameters::Parameters;

/// What a search found in one integration. Vectors have one element per range gate.
#[derive(Clone, Debug, PartialEq)]
pub struct Integration {
    /// Largest matched-filter power; 0 where there is none.
    pub gmf: Vec<f32>,
    /// Power without Doppler.
    pub gmf_zero_frequency: Vec<f32>,
    /// Where the largest power lies: index into the range rates, -1 where there is none.
    pub range_rate_index: Vec<i32>,
    /// Where the largest power lies: index into the accelerations, -1 where there is none.
    pub acceleration_index: Vec<i32>,
    /// Transmitted power: sum of squared magnitudes.
    pub tx_power: f32,
    /// Range of the gate with the largest `gmf` in m; NaN when there is none, as for the next two.
    pub range_peak: f64,
    /// Range rate found at that gate in m/s.
    pub range_rate_peak: f64,
    /// Acceleration found at that gate in m/s².
    pub acceleration_peak: f64,
    /// The largest `gmf`; 0 when there is none.
    pub gmf_peak: f32,
    /// The powers of all cells, where `grid-fast-no-reduce` has computed them.
    pub cube: Option<Cube>,
}

impl Integration {
    /// The result of an integration that was not analysed: zeros, indices -1, peaks NaN.
    pub fn not_analysed(tx_power: f32, n_ranges: usize) -> Self {
        Self {
            gmf: vec![0.0; n_ranges],
            gmf_zero_frequency: vec![0.0; n_ranges],
            range_rate_index: vec![-1; n_ranges],
            acceleration_index: vec![-1; n_ranges],
            tx_power,
            range_peak: f64::NAN,
            range_rate_peak: f64::NAN,
            acceleration_peak: f64::NAN,
            gmf_peak: 0.0,
            cube: None,
        }
    }

    /// Fills the peaks in from the gates; of equal gates the first counts.
    pub(crate) fn find_peak(&mut self, parameters: &Parameters) {
        if let Some((gate, gmf)) = first_above(0.0, self.gmf.iter().copied()) {
            self.gmf_peak = gmf;
            self.range_peak = parameters.ranges[gate];
            // A gate with a positive power has both indices.
            self.range_rate_peak = parameters.range_rates[self.range_rate_index[gate] as usize];
            self.acceleration_peak =
                parameters.accelerations[self.acceleration_index[gate] as usize];
        }
    }
}
