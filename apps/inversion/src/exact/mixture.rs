use std::f64::consts::TAU;

use crate::random::Draws;

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
