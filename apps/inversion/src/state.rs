//! Where a chain is, over which sounding.

use crate::earth::Earth;
use crate::forward::{Responder, Response, Wanted, at_once};
use crate::instrument::{Evaluator, Instrument};
use crate::likelihood::{Errors, Observation};
use crate::prior::Prior;
use crate::settings::{Level, Settings};
use crate::{Error, Result};

/// What was measured at a place, and with what.
#[derive(Clone, Debug)]
pub struct Sounding<'s> {
    /// The line, as random numbers are keyed.
    pub line: f64,
    /// The fiducial, as random numbers are keyed.
    pub fiducial: f64,
    /// The systems, where they were.
    pub instrument: Instrument<'s>,
    /// The data.
    pub observation: Observation,
}

/// Where a chain is: an earth, errors, a height, and what follows from them.
#[derive(Clone, Debug)]
pub struct State {
    /// The layers.
    pub earth: Earth,
    /// The levels of the errors.
    pub errors: Errors,
    /// m above where the systems are said to have been.
    pub height_change: f64,
    /// What the systems would measure, and the derivatives that the chain carries along.
    pub response: Response,
    /// One per channel that counts.
    pub deviations: Vec<f64>,
    /// The sum of squares of what is left over, in standard deviations.
    pub misfit: f64,
    /// Of the data; 0 where it is ignored.
    pub log_likelihood: f64,
    /// Of errors and height.
    pub log_prior_of_data: f64,
    /// Of the layers.
    pub log_prior_of_earth: f64,
}

impl State {
    /// An earth with the initial errors, of which nothing is computed yet but the deviations, as
    /// the data have them.
    ///
    /// # Errors
    /// There is not an error level per component and system, a datum has no error at all, or the
    /// height may fall to the ground.
    pub fn new(settings: &Settings, sounding: &Sounding<'_>, earth: Earth) -> Result<State> {
        let instrument = &sounding.instrument;
        let counts = [settings.relative_error.len(), settings.additive_error.len()];
        let expected = [instrument.components().len(), instrument.systems()];
        if counts != expected {
            return Err(Error::Request(format!(
                "{} relative and {} additive errors are needed: {} and {} are given",
                expected[0], expected[1], counts[0], counts[1]
            )));
        }
        let change = settings.height.map_or(0.0, |walk| walk.maximum_change);
        let clearance = instrument.clearance();
        if change > 0.0 && change >= clearance {
            return Err(Error::Request(format!(
                "maximum_z_change {change} m is not below the height {clearance} m: the system \
                 could come to the ground"
            )));
        }
        let levels = |levels: &[Level]| levels.iter().map(|level| level.initial).collect();
        let mut state = State {
            earth,
            errors: Errors {
                relative: levels(&settings.relative_error),
                additive: levels(&settings.additive_error),
            },
            height_change: 0.0,
            response: instrument.response(settings.maximum_number_of_layers),
            deviations: vec![0.0; sounding.observation.active().len()],
            misfit: 0.0,
            log_likelihood: 0.0,
            log_prior_of_data: 0.0,
            log_prior_of_earth: 0.0,
        };
        let observation = &sounding.observation;
        observation.deviations_of_data(&state.errors, &mut state.deviations);
        if state.deviations.iter().any(|deviation| *deviation <= 0.0) {
            return Err(Error::Request(
                "a datum without an error: give initial_relative_error and \
                 initial_additive_error, or use_errors with a file that has standard deviations"
                    .into(),
            ));
        }
        Ok(state)
    }

    /// The logarithm of the prior.
    pub fn log_prior(&self) -> f64 {
        self.log_prior_of_data + self.log_prior_of_earth
    }

    /// Computes both parts of the prior.
    pub fn weigh(&mut self, prior: &Prior<'_>) {
        self.log_prior_of_earth = prior.log_of_earth(&self.earth);
        self.log_prior_of_data = prior.log_of_data(&self.errors, self.height_change);
    }

    /// Computes the response, and what is `wanted` beside; then the deviations, the misfit and the
    /// likelihood. Where a conductivity overflowed nothing is likely.
    pub fn predict(
        &mut self,
        sounding: &Sounding<'_>,
        wanted: impl Into<Wanted>,
        evaluator: &mut Evaluator<'_>,
    ) {
        at_once(self.predict_by(sounding, wanted.into(), evaluator));
    }

    /// The same with a response that is computed by whatever is there.
    pub async fn predict_by(
        &mut self,
        sounding: &Sounding<'_>,
        wanted: Wanted,
        responder: &mut impl Responder,
    ) {
        let Ok(layers) = self.earth.layers() else {
            (self.misfit, self.log_likelihood) = (f64::INFINITY, f64::NEG_INFINITY);
            return;
        };
        responder
            .respond(layers, self.height_change, wanted, &mut self.response)
            .await;
        let observation = &sounding.observation;
        let predicted = &self.response.predicted;
        observation.deviations(&self.errors, predicted, &mut self.deviations);
        self.misfit = observation.misfit(&self.response.predicted, &self.deviations);
        self.log_likelihood = observation.log_likelihood(self.misfit, &self.deviations);
    }
}
