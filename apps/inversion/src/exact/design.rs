use crate::options::LayersPrior;
use crate::{Error, Result};

/// What an exact chain is asked for beside the settings of all chains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Design {
    /// The prior of the number of layers.
    pub layers_prior: LayersPrior,
    /// How many temperatures there are; 1 is the posterior alone.
    pub temperatures: usize,
    /// The highest of them.
    pub maximum_temperature: f64,
}

impl Default for Design {
    fn default() -> Design {
        Design {
            layers_prior: LayersPrior::Uniform,
            temperatures: 1,
            maximum_temperature: 1.0,
        }
    }
}

impl Design {
    /// Refuses what cannot be done.
    pub(super) fn check(&self) -> Result<()> {
        let hottest = self.maximum_temperature;
        let fits = match self.temperatures {
            0 => false,
            1 => true,
            _ => hottest > 1.0 && hottest.is_finite(),
        };
        if fits {
            return Ok(());
        }
        Err(Error::Request(format!(
            "{} temperatures up to {hottest}: at least one is needed, and a highest above 1 where \
             there are several",
            self.temperatures
        )))
    }

    /// Inverse temperatures, from 1 down, at equal ratios.
    pub(super) fn weights(&self) -> Vec<f64> {
        let steps = self.temperatures.saturating_sub(1).max(1) as f64;
        (0..self.temperatures)
            .map(|place| self.maximum_temperature.powf(-(place as f64) / steps))
            .collect()
    }
}
