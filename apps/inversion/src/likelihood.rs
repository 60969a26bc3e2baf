//! How likely data are, given what an earth would make of them.

use std::f64::consts::TAU;

use crate::instrument::Component;
use crate::options::ErrorModel;
use crate::{Error, Result};

/// The levels of the errors of a sounding.
#[derive(Clone, Debug, PartialEq)]
pub struct Errors {
    /// In parts of the data, one per component of the instrument.
    pub relative: Vec<f64>,
    /// In the unit of the data, one per system.
    pub additive: Vec<f64>,
}

impl Errors {
    /// The level at a place: relative errors first, then additive ones.
    ///
    /// # Panics
    /// There is no such level.
    pub fn level_mut(&mut self, place: usize) -> &mut f64 {
        let relative = self.relative.len();
        match place.checked_sub(relative) {
            None => &mut self.relative[place],
            Some(place) => &mut self.additive[place],
        }
    }
}

/// The data of a sounding that count, and how their errors depend on the levels.
#[derive(Clone, Debug)]
pub struct Observation {
    channels: usize,
    active: Vec<Active>,
    error_model: ErrorModel,
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
    /// The standard deviation that came with the datum; 0 where none did.
    given: f64,
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
        let found = Observation::of(data, components, additive, |datum| datum > 0.0)?;
        if found.active.is_empty() {
            return Err(Error::Request("no datum is a positive number".into()));
        }
        Ok(found)
    }

    /// The same with all data that are numbers: negative ones too, which noise makes of weak ones.
    ///
    /// # Errors
    /// The numbers do not belong together, or none is left.
    pub fn finite(data: &[f64], components: &[Component], additive: &[f64]) -> Result<Observation> {
        let found = Observation::of(data, components, additive, |_| true)?;
        if found.active.is_empty() {
            return Err(Error::Request("no datum is a number".into()));
        }
        Ok(found)
    }

    fn of(
        data: &[f64],
        components: &[Component],
        additive: &[f64],
        counts: impl Fn(f64) -> bool,
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
                if data[channel].is_finite() && counts(data[channel]) {
                    active.push(Active {
                        channel,
                        datum: data[channel],
                        component: index,
                        system: component.system,
                        additive: additive[channel],
                        given: 0.0,
                    });
                }
            }
        }
        Ok(Observation {
            channels,
            active,
            error_model: ErrorModel::Observed,
        })
    }

    /// The same with another error model; without, it is [`ErrorModel::Observed`].
    #[must_use]
    pub fn with_error_model(mut self, error_model: ErrorModel) -> Observation {
        self.error_model = error_model;
        self
    }

    /// The same with the standard deviations that came with the data, one per channel in the unit
    /// of the data; those of channels that do not count are not looked at. They are independent of
    /// what the levels stand for: variances add up.
    ///
    /// # Errors
    /// There is not one per channel, or one of a channel that counts is no positive number.
    pub fn with_deviations(mut self, given: &[f64]) -> Result<Observation> {
        if given.len() != self.channels {
            return Err(Error::Request(format!(
                "the system has {} channels, and the sounding has {} standard deviations",
                self.channels,
                given.len()
            )));
        }
        for active in &mut self.active {
            let deviation = given[active.channel];
            if !(deviation.is_finite() && deviation > 0.0) {
                return Err(Error::Request(format!(
                    "the standard deviation of channel {} is {deviation}: use_errors needs a \
                     positive number with every datum",
                    active.channel + 1
                )));
            }
            active.given = deviation;
        }
        Ok(self)
    }

    /// From what standard deviations are computed.
    pub fn error_model(&self) -> ErrorModel {
        self.error_model
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
    /// [`active`](Self::active). Relative errors are parts of the data or of what is `predicted`,
    /// one per channel, as the error model says.
    ///
    /// # Panics
    /// A slice is too short, or a level is absent.
    pub fn deviations(&self, errors: &Errors, predicted: &[f64], deviations: &mut [f64]) {
        match self.error_model {
            ErrorModel::Observed => self.deviations_of_data(errors, deviations),
            ErrorModel::Predicted => {
                for (deviation, active) in deviations.iter_mut().zip(&self.active) {
                    *deviation = active.deviation(errors, predicted[active.channel]);
                }
            }
        }
    }

    /// Computes standard deviations as in geobipy, whatever the error model is: relative errors
    /// are parts of the data.
    ///
    /// # Panics
    /// The slice is too short, or a level is absent.
    pub fn deviations_of_data(&self, errors: &Errors, deviations: &mut [f64]) {
        for (deviation, active) in deviations.iter_mut().zip(&self.active) {
            *deviation = active.deviation(errors, active.datum);
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

impl Active {
    /// Of a channel whose relative error is a part of `field`.
    fn deviation(&self, errors: &Errors, field: f64) -> f64 {
        let relative = errors.relative[self.component] * field;
        let additive = errors.additive[self.system] * self.additive;
        (relative * relative + additive * additive + self.given * self.given).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPONENTS: [Component; 2] = [
        Component {
            system: 0,
            channels: 0..2,
        },
        Component {
            system: 1,
            channels: 2..4,
        },
    ];
    const DATA: [f64; 4] = [3.0, -5.0, f64::NAN, 8.0];
    const ADDITIVE: [f64; 4] = [1.0, 1.0, 2.0, 0.5];

    fn errors() -> Errors {
        Errors {
            relative: vec![0.1, 0.2],
            additive: vec![0.4, 2.4],
        }
    }

    fn channels(observation: &Observation) -> Vec<usize> {
        let active = observation.active().iter();
        active.map(|active| active.channel).collect()
    }

    #[test]
    fn negative_data_count_where_they_are_asked_for() {
        let positive = Observation::positive(&DATA, &COMPONENTS, &ADDITIVE).unwrap();
        let finite = Observation::finite(&DATA, &COMPONENTS, &ADDITIVE).unwrap();
        assert_eq!(channels(&positive), [0, 3]);
        assert_eq!(channels(&finite), [0, 1, 3]);
        for none in [[f64::NAN; 4], [f64::INFINITY; 4]] {
            assert!(Observation::finite(&none, &COMPONENTS, &ADDITIVE).is_err());
        }
        let message = Observation::finite(&DATA[1..], &COMPONENTS, &ADDITIVE).unwrap_err();
        assert!(message.to_string().contains("4 channels"), "{message}");
    }

    #[test]
    fn deviations_are_of_data_or_of_what_is_predicted() {
        let observed = Observation::finite(&DATA, &COMPONENTS, &ADDITIVE).unwrap();
        let predicted = observed.clone().with_error_model(ErrorModel::Predicted);
        let field = [30.0, 0.0, f64::NAN, -8.0];
        let (mut a, mut b, mut c) = ([0.0; 3], [0.0; 3], [0.0; 3]);
        observed.deviations(&errors(), &field, &mut a);
        predicted.deviations(&errors(), &field, &mut b);
        predicted.deviations_of_data(&errors(), &mut c);
        assert_eq!(a.map(f64::to_bits), c.map(f64::to_bits));
        let expected = [
            (0.3f64.hypot(0.4), 3.0f64.hypot(0.4)),
            (0.5f64.hypot(0.4), 0.4),
            (1.6f64.hypot(1.2), 1.6f64.hypot(1.2)),
        ];
        for ((a, b), (observed, predicted)) in a.into_iter().zip(b).zip(expected) {
            assert!((a - observed).abs() < 1e-15 && (b - predicted).abs() < 1e-15);
        }
    }

    #[test]
    fn variances_that_came_with_data_are_added() {
        let given = [1.2, 0.0, f64::NAN, 0.1];
        let observation = Observation::positive(&DATA, &COMPONENTS, &ADDITIVE).unwrap();
        let observation = observation.with_deviations(&given).unwrap();
        let mut deviations = [0.0; 2];
        observation.deviations(&errors(), &[], &mut deviations);
        assert!((deviations[0] - 1.3).abs() < 1e-15, "{deviations:?}");
        let none = Errors {
            relative: vec![0.0; 2],
            additive: vec![0.0; 2],
        };
        observation.deviations(&none, &[], &mut deviations);
        assert_eq!(deviations.map(f64::to_bits), [1.2, 0.1].map(f64::to_bits));
        // A datum without one.
        let observation = Observation::finite(&DATA, &COMPONENTS, &ADDITIVE).unwrap();
        let message = observation.with_deviations(&given).unwrap_err();
        assert!(message.to_string().contains("channel 2"), "{message}");
    }
}
