//! How likely data are, given what an earth would make of them.

use std::f64::consts::TAU;

use crate::instrument::Component;
use crate::{Error, Result};

/// The levels of the errors of a sounding.
#[derive(Clone, Debug, PartialEq)]
pub struct Errors {
    /// In parts of the data, one per component of the instrument.
    pub relative: Vec<f64>,
    /// In the unit of the data, one per system.
    pub additive: Vec<f64>,
}

/// The data of a sounding that count, and how their errors depend on the levels.
#[derive(Clone, Debug)]
pub struct Observation {
    channels: usize,
    active: Vec<Active>,
}

/// A channel that counts.
#[derive(Clone, Copy, Debug)]
pub struct Active {
    /// Which of the instrument's channels.
    pub channel: usize,
    /// What was measured.
    pub datum: f64,
    /// Whose relative error it has.
    component: usize,
    /// Whose additive error it has.
    system: usize,
    /// What the additive error is multiplied with.
    additive: f64,
}

impl Observation {
    /// One datum per channel, those that are not positive numbers left out, as in geobipy. The
    /// additive error of a channel is multiplied with `additive`, which is 1 in the frequency
    /// domain, and `(t / 1 ms)^-1/2` at time t.
    ///
    /// # Errors
    /// The numbers do not belong together, or none is left.
    pub fn positive(
        data: &[f64],
        components: &[Component],
        additive: &[f64],
    ) -> Result<Observation> {
        let channels = components.last().map_or(0, |last| last.channels.end);
        if data.len() != channels || additive.len() != channels {
            return Err(Error::Request(format!(
                "the system has {channels} channels, and the sounding has {} values",
                data.len()
            )));
        }
        let mut active = Vec::new();
        for (index, component) in components.iter().enumerate() {
            for channel in component.channels.clone() {
                if data[channel].is_finite() && data[channel] > 0.0 {
                    active.push(Active {
                        channel,
                        datum: data[channel],
                        component: index,
                        system: component.system,
                        additive: additive[channel],
                    });
                }
            }
        }
        if active.is_empty() {
            return Err(Error::Request("no datum is a positive number".into()));
        }
        Ok(Observation { channels, active })
    }

    /// The number of channels, with those that do not count.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The channels that count.
    pub fn active(&self) -> &[Active] {
        &self.active
    }

    /// Computes the standard deviation of each channel that counts, in the order of
    /// [`active`](Self::active).
    ///
    /// # Panics
    /// A slice is too short, or a level is absent.
    pub fn deviations(&self, errors: &Errors, deviations: &mut [f64]) {
        for (deviation, active) in deviations.iter_mut().zip(&self.active) {
            let relative = errors.relative[active.component] * active.datum;
            let additive = errors.additive[active.system] * active.additive;
            *deviation = (relative * relative + additive * additive).sqrt();
        }
    }

    /// The misfit: the sum of squares of what is left over, in standard deviations.
    pub fn misfit(&self, predicted: &[f64], deviations: &[f64]) -> f64 {
        let channels = self.active.iter().zip(deviations);
        channels
            .map(|(active, deviation)| {
                let left = (predicted[active.channel] - active.datum) / deviation;
                left * left
            })
            .sum()
    }

    /// The logarithm of the likelihood of normal errors, with all its constants, for a misfit.
    pub fn log_likelihood(&self, misfit: f64, deviations: &[f64]) -> f64 {
        let count = self.active.len();
        let logarithms: f64 = deviations[..count].iter().map(|x| x.ln()).sum();
        -0.5 * misfit - logarithms - 0.5 * count as f64 * TAU.ln()
    }
}
