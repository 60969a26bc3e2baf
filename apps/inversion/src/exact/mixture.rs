use std::f64::consts::TAU;

use crate::random::Draws;

/// What lies beyond a least value, by an exponential distribution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beyond {
    pub(super) least: f64,
    /// The mean of the rest.
    pub(super) mean: f64,
}

impl Beyond {
    pub(super) fn draw(self, draws: &mut Draws) -> f64 {
        self.least - self.mean * draws.uniform().ln()
    }

    pub(super) fn log_density(self, x: f64) -> f64 {
        -(x - self.least) / self.mean - self.mean.ln()
    }
}

/// A mixture of normal distributions of mean 0, each as often as the others.
#[derive(Clone, Debug)]
pub(super) struct Mixture {
    deviations: Vec<f64>,
}

impl Mixture {
    pub(super) fn new(deviations: impl IntoIterator<Item = f64>) -> Mixture {
        Mixture {
            deviations: deviations.into_iter().collect(),
        }
    }

    pub(super) fn draw(&self, draws: &mut Draws) -> f64 {
        self.deviations[draws.below(self.deviations.len())] * draws.normal()
    }

    pub(super) fn log_density(&self, x: f64) -> f64 {
        let density = |deviation: &f64| {
            let ratio = x / deviation;
            (-0.5 * ratio * ratio).exp() / (deviation * TAU.sqrt())
        };
        let sum: f64 = self.deviations.iter().map(density).sum();
        (sum / self.deviations.len() as f64).ln()
    }
}
