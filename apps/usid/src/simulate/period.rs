use std::f64::consts::TAU;

use super::uniform;
use crate::giv::Model;

/// A period of a sine: that amplitude (volt), that many times.
pub fn bias(times: usize, amplitude: f64) -> Vec<f64> {
    (0..times)
        .map(|time| amplitude * libm::sin(TAU * time as f64 / times as f64))
        .collect()
}

/// What lies under a position whose current is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Nanofarad.
    pub capacitance: f64,
    /// Resistance without bias, gigaohm.
    pub resistance_at_rest: f64,
    seed: u64,
}

impl Sample {
    /// The sample at that position: neighbours differ in capacitance, resistance and noise.
    pub fn of(position: usize) -> Self {
        let step = (position % 97) as f64;
        Self {
            capacitance: 6e-4 * (1.0 + step / 97.0),
            resistance_at_rest: 2.0 + step / 50.0,
            seed: position as u64 + 1,
        }
    }

    /// Resistance at that bias (volt), gigaohm: less where the bias is large.
    pub fn resistance(self, bias: f64) -> f64 {
        self.resistance_at_rest / (1.0 + (bias / 5.0).powi(2))
    }

    /// The current, nanoampere, with uniform noise of that standard deviation; one per time of one
    /// period of bias (volt) of that frequency (hertz), through the bridge of the customary model.
    pub fn current(self, bias: &[f64], frequency: f64, noise: f64) -> Vec<f64> {
        let duration = 1.0 / (frequency * bias.len() as f64);
        (0..bias.len())
            .map(|time| {
                let volt = bias[time];
                let slope = (bias[(time + 1) % bias.len()] - volt) / duration;
                volt / self.resistance(volt)
                    + self.capacitance * (slope + Model::default().r_extra * volt)
                    + noise * 12.0_f64.sqrt() * (uniform(self.seed, time as u64 + 1) - 0.5)
            })
            .collect()
    }
}
