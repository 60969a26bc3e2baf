//! Currents of samples that are known, for tests, benchmarks and trials.

use std::f64::consts::TAU;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::Model;

/// A period of a sine: that amplitude (volt), that many times.
pub fn bias(times: usize, amplitude: f64) -> Vec<f64> {
    (0..times)
        .map(|time| amplitude * (TAU * time as f64 / times as f64).sin())
        .collect()
}

/// What lies under a pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Nanofarad.
    pub capacitance: f64,
    /// Resistance without bias, gigaohm.
    pub resistance_at_rest: f64,
    seed: u64,
}

impl Sample {
    /// The sample at that position: each has its own capacitance, resistance and noise.
    pub fn at(position: u64) -> Self {
        let step = (position % 97) as f64;
        Self {
            capacitance: 6e-4 * (1.0 + step / 97.0),
            resistance_at_rest: 2.0 + step / 50.0,
            seed: position,
        }
    }

    /// Resistance at that bias (volt), gigaohm: less where the bias is large.
    pub fn resistance(self, bias: f64) -> f64 {
        self.resistance_at_rest / (1.0 + (bias / 5.0).powi(2))
    }

    /// The current, nanoampere, with white noise of that standard deviation; one per time of one period of bias.
    pub fn current(self, bias: &[f64], model: &Model, noise: f64) -> Vec<f64> {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let duration = 1.0 / (model.frequency * bias.len() as f64);
        (0..bias.len())
            .map(|time| {
                let volt = bias[time];
                let slope = (bias[(time + 1) % bias.len()] - volt) / duration;
                let normal: f64 = StandardNormal.sample(&mut random);
                volt / self.resistance(volt)
                    + self.capacitance * (slope + model.r_extra * volt)
                    + noise * normal
            })
            .collect()
    }
}
