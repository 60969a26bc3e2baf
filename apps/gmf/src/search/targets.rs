//! Several targets in one integration.
//!
//! The candidates are the local maxima of `gmf` over the range gates, the strongest first. A
//! candidate is a target of its own unless it *overlaps* a stronger one: closer than the length of
//! the pulse in range, *and* close in range rate, *and* close in acceleration. That is where one
//! echo has its ambiguity: the range sidelobes of a code reach one pulse length to both sides, and
//! have the motion of the main lobe, but for the freedom between acceleration and range rate: over
//! an integration of length T an acceleration that is wrong by `da` is made up for by a range rate
//! that is wrong by `-da T / 2`.

use super::Integration;
use crate::parameters::Parameters;
use crate::settings::Settings;

/// Which peaks of an integration are targets of their own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Targets {
    /// The most targets of an integration.
    pub count: usize,
    /// Closer in range than this: samples.
    pub gates: f64,
    /// And closer in range rate: m/s.
    pub range_rate: f64,
    /// And closer in acceleration: m/s².
    pub acceleration: f64,
}

/// One target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Index of its gate.
    pub gate: usize,
    /// Range in m, total path.
    pub range: f64,
    /// Range rate in m/s.
    pub range_rate: f64,
    /// Acceleration in m/s².
    pub acceleration: f64,
    /// Matched-filter power.
    pub gmf: f32,
}

/// Steps of the acceleration grid within which neighbours are taken for one target: an echo between
/// two steps has both, and its sidelobes the ones beside.
const STEPS: f64 = 2.5;

impl Targets {
    /// The rule of these settings; what they leave open follows from the radar.
    pub fn new(parameters: &Parameters, settings: &Settings) -> Self {
        let integration = parameters.integration_step() as f64 / parameters.sample_rate;
        let bin = parameters.range_rates.get(1).copied().unwrap_or(0.0);
        let acceleration = settings
            .target_separation_acceleration
            .unwrap_or(STEPS * parameters.acceleration_step);
        Self {
            count: settings.targets as usize,
            gates: settings
                .target_separation_gates
                .map_or(parameters.tx_pulse_samps as f64, |gates| gates as f64),
            range_rate: settings
                .target_separation_range_rate
                .unwrap_or(STEPS * parameters.acceleration_step * integration / 2.0 + bin),
            acceleration,
        }
    }

    /// The strongest targets of an integration, in descending order of power; of equal ones the
    /// first gate. The first is the peak.
    ///
    /// # Panics
    /// When the integration is of another radar.
    pub fn find(&self, integration: &Integration, parameters: &Parameters) -> Vec<Target> {
        let mut candidates: Vec<usize> = local_maxima(&integration.gmf).collect();
        // Stable: of equal powers the first gate stays first.
        candidates.sort_by(|&a, &b| integration.gmf[b].total_cmp(&integration.gmf[a]));
        let mut targets = Vec::with_capacity(self.count.min(candidates.len()));
        for gate in candidates {
            if targets.len() == self.count {
                break;
            }
            // A gate with a positive power has both indices.
            let (v, a) = (
                integration.range_rate_index[gate] as usize,
                integration.acceleration_index[gate] as usize,
            );
            let target = Target {
                gate,
                range: parameters.ranges[gate],
                range_rate: parameters.range_rates[v],
                acceleration: parameters.accelerations[a],
                gmf: integration.gmf[gate],
            };
            let step = parameters.range_gate_step as f64;
            if !targets.iter().any(|one| self.overlap(one, &target, step)) {
                targets.push(target);
            }
        }
        targets
    }

    /// Whether two peaks may be of one target; gates are `step` samples apart.
    fn overlap(&self, one: &Target, other: &Target, step: f64) -> bool {
        one.gate.abs_diff(other.gate) as f64 * step < self.gates
            && (one.range_rate - other.range_rate).abs() < self.range_rate
            && (one.acceleration - other.acceleration).abs() < self.acceleration
    }
}

/// Where a value is above zero, above the one before and not below the one after; of a plateau, its
/// first element.
fn local_maxima(values: &[f32]) -> impl Iterator<Item = usize> + '_ {
    (0..values.len()).filter(|&i| {
        let before = i.checked_sub(1).map_or(0.0, |before| values[before]);
        let after = values.get(i + 1).copied().unwrap_or(0.0);
        values[i] > before && values[i] >= after && values[i] > 0.0
    })
}

#[cfg(test)]
mod tests {
    use super::local_maxima;

    #[test]
    fn maxima_are_local_and_the_first_of_a_plateau() {
        let at = |values: &[f32]| local_maxima(values).collect::<Vec<_>>();
        assert_eq!(at(&[1.0, 3.0, 2.0, 5.0]), [1, 3]);
        assert_eq!(at(&[2.0, 2.0, 1.0]), [0]);
        assert_eq!(at(&[0.0, 0.0, 0.0]), [0; 0]);
        // The rising end of a plateau is told by its first element even where a higher one follows.
        assert_eq!(at(&[1.0, 2.0, 2.0, 3.0]), [1, 3]);
    }
}
