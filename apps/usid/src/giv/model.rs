use crate::{Error, Result};

/// What the inference assumes, and how finely it looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Grid points of the conductance, of both directions together; see [`balanced_steps`].
    pub num_x_steps: usize,
    /// Current through the bridge per volt and nanofarad, 1/s.
    pub r_extra: f64,
    /// Standard deviation of the noise of the current, nanoampere.
    pub gam: f64,
    /// Prior standard deviation of the conductance, 1/gigaohm.
    pub sigma: f64,
    /// Prior standard deviation of the capacitance, nanofarad.
    pub sigma_c: f64,
    /// Samples of the conductance at each grid point where they are drawn; even, as they come in
    /// pairs about the mean.
    pub num_samples: usize,
    /// What the moments of the resistance are found from.
    pub moments: MomentsFrom,
}

/// What mean and variance of a resistance are found from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MomentsFrom {
    /// Sums over 16 nodes of Gauss and Hermite where the conductance's deviation is below an eighth
    /// of its mean, which have the integrals to 1e-8; samples elsewhere.
    #[default]
    Quadrature,
    /// Samples everywhere, whose variances scatter by 4.6 % for 2000 of them.
    Samples,
}

impl Default for Model {
    /// The customary constants.
    fn default() -> Self {
        Self {
            num_x_steps: 250,
            r_extra: 110.0,
            gam: 0.03,
            sigma: 10.0,
            sigma_c: 1.0,
            num_samples: 2000,
            moments: MomentsFrom::default(),
        }
    }
}

impl Model {
    /// # Errors
    /// When a number is one that the inference cannot use.
    pub(super) fn validate(&self) -> Result<()> {
        let positive = [
            ("gam", self.gam),
            ("sigma", self.sigma),
            ("sigmaC", self.sigma_c),
        ];
        for (name, value) in positive {
            if !(value.is_finite() && value > 0.0) {
                return Err(Error::Request(format!(
                    "{name} is {value}: it must be a positive number"
                )));
            }
        }
        if !self.r_extra.is_finite() {
            return Err(Error::Request(format!(
                "r_extra is {}: it must be a number",
                self.r_extra
            )));
        }
        if self.num_samples < 2 || !self.num_samples.is_multiple_of(2) {
            return Err(Error::Request(format!(
                "{} samples: their number must be even and at least 2, for they come in pairs",
                self.num_samples
            )));
        }
        if self.num_samples > MAX_SAMPLES {
            return Err(Error::Request(format!(
                "{} samples: there can be at most {MAX_SAMPLES}",
                self.num_samples
            )));
        }
        if !(6..=MAX_STEPS).contains(&self.num_x_steps) || self.num_x_steps % 4 != 2 {
            return Err(Error::Request(format!(
                "num_x_steps is {}: it must be twice an odd number between 3 and {}, {} for \
                 example",
                self.num_x_steps,
                MAX_STEPS / 2,
                balanced_steps(self.num_x_steps)
            )));
        }
        Ok(())
    }
}

/// Samples at a grid point beyond which nothing becomes more certain, and a position would keep a
/// cancelled run waiting.
const MAX_SAMPLES: usize = 1_000_000;
/// Grid points beyond which the factors would not fit in a cache, and the bias hardly resolves.
const MAX_STEPS: usize = 20_002;

/// The number of grid points of both directions nearest to that asked for: twice an odd number, so
/// that each direction has a point at zero bias. Of two as near, the larger.
pub fn balanced_steps(asked: usize) -> usize {
    asked.clamp(6, MAX_STEPS) / 4 * 4 + 2
}
