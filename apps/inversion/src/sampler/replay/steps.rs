use super::Deviations;
use super::record::Node;
use crate::earth::Earth;
use crate::forward::Formula;
use crate::instrument::Evaluator;
use crate::prior::Prior;
use crate::sampler::{Event, Local, Newton};
use crate::settings::Settings;
use crate::state::{Sounding, State};

/// The rounding error of geobipy's derivatives, in parts of the largest: it takes the primary field
/// from a sum that holds it.
const ROUNDING: f64 = 1e-11;

/// What is needed from step to step.
pub(super) struct Replay<'a> {
    pub(super) settings: &'a Settings,
    pub(super) sounding: &'a Sounding<'a>,
    pub(super) prior: Prior<'a>,
    pub(super) current: State,
    pub(super) candidate: State,
    pub(super) remapped: Earth,
    pub(super) newton: Newton,
    pub(super) evaluator: Evaluator<'a>,
    /// The derivatives that the chain carries, where they are known, and the number of the
    /// iteration that they are carried to.
    pub(super) carried: Option<Vec<f64>>,
    pub(super) next: u64,
    pub(super) deviations: Deviations,
}

impl Replay<'_> {
    /// Derives an iteration.
    pub(super) fn step(&mut self, step: &Node<'_>) -> Result<(), String> {
        let number = |key: &str| step.get(key)?.number_or_null();
        let before = step.get("current")?;
        let (settings, sounding) = (self.settings, self.sounding);
        read(&mut self.current, &before, sounding)?;
        self.predict(&before, false)?;
        let (current, noted) = (&self.current, &mut self.deviations);
        noted.note_log(
            "log prior",
            current.log_prior(),
            number("current_log_prior")?,
        );
        let expected = number("current_log_likelihood")?;
        noted.note_log("log likelihood", current.log_likelihood, expected);
        noted.note("misfit", &[current.misfit], &[number("current_misfit")?]);

        let event = self.remap(step)?;
        let layers = self.remapped.count();
        let jacobian = step.get("sensitivity_used")?.matrix(layers)?;
        self.derivatives(event, number("iteration")? as u64, &jacobian);

        let current = &self.current;
        let local = Local {
            observation: &sounding.observation,
            jacobian: &jacobian,
            predicted: &current.response.predicted,
            deviations: &current.deviations,
        };
        if jacobian.len() != layers * sounding.instrument.channels() {
            return Err("a sensitivity_used has not a row per channel".into());
        }
        let with_data = settings.stochastic_newton.then_some(local);
        let mean = self.prior.mean();
        if !self
            .newton
            .prepare(settings, mean, &self.remapped, with_data)
        {
            return Err("a curvature cannot be inverted".into());
        }
        let (newton, noted) = (&self.newton, &mut self.deviations);
        let expected = step.get("hessian_inverse")?.matrix(layers)?;
        noted.note("inverse Hessian", &newton.inverse(), &expected);
        noted.note(
            "gradient",
            newton.gradient(),
            &step.get("gradient")?.numbers()?,
        );
        let middle: Vec<f64> = newton.mean().iter().map(|x| x.exp()).collect();
        noted.note(
            "proposal mean",
            &middle,
            &step.get("proposal_mean")?.numbers()?,
        );

        let after = step.get("candidate")?;
        read(&mut self.candidate, &after, sounding)?;
        if self.candidate.earth.depth() != self.remapped.depth() {
            return Err("a candidate has other layers than the remapped model".into());
        }
        self.predict(&after, true)?;
        let (candidate, noted) = (&self.candidate, &mut self.deviations);
        let [data, earth] = ["candidate_log_prior_data", "candidate_log_prior_model"].map(number);
        noted.note_log("log prior of the data", candidate.log_prior_of_data, data?);
        noted.note_log(
            "log prior of the model",
            candidate.log_prior_of_earth,
            earth?,
        );
        let expected = number("candidate_log_likelihood")?;
        noted.note_log("log likelihood", candidate.log_likelihood, expected);
        noted.note(
            "misfit",
            &[candidate.misfit],
            &[number("candidate_misfit")?],
        );
        self.ratio(step, event)?;
        self.carry(step, event, jacobian)
    }

    /// Computes priors, the likelihood from the recorded response, and the response beside it.
    fn predict(&mut self, recorded: &Node<'_>, is_candidate: bool) -> Result<(), String> {
        let state = if is_candidate {
            &mut self.candidate
        } else {
            &mut self.current
        };
        state.predict(self.sounding, Some(Formula::Peer), &mut self.evaluator);
        let predicted = recorded.get("predicted")?.numbers()?;
        self.deviations
            .note("response", &state.response.predicted, &predicted);
        if predicted.len() != state.response.predicted.len() {
            return Err("a response has not a value per channel".into());
        }
        state.response.predicted = predicted;
        let observation = &self.sounding.observation;
        state.misfit = observation.misfit(&state.response.predicted, &state.deviations);
        state.log_likelihood = observation.log_likelihood(state.misfit, &state.deviations);
        state.weigh(&self.prior);
        Ok(())
    }

    /// What happened, and the layers after it.
    fn remap(&mut self, step: &Node<'_>) -> Result<Event, String> {
        let expected = step.get("remapped")?.earth()?;
        let events = step.get("action")?.events(&self.current.earth)?;
        let mut nearest = (f64::INFINITY, Event::None);
        for event in events {
            event.apply(&self.current.earth, &mut self.remapped);
            let found = self
                .remapped
                .conductivity()
                .iter()
                .zip(expected.conductivity());
            let difference = found.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            if difference < nearest.0 {
                nearest = (difference, event);
            }
        }
        let event = nearest.1;
        event.apply(&self.current.earth, &mut self.remapped);
        let (found, noted) = (&self.remapped, &mut self.deviations);
        noted.note(
            "remapped conductivities",
            found.conductivity(),
            expected.conductivity(),
        );
        noted.note("remapped depths", found.depth(), expected.depth());
        self.remapped.copy(&expected);
        Ok(event)
    }

    /// Compares the derivatives where it is known what they are of.
    fn derivatives(&mut self, event: Event, iteration: u64, expected: &[f64]) {
        let known = self.carried.take().filter(|_| iteration == self.next);
        self.next = iteration + 1;
        let found = match event {
            // The start, of which they are.
            Event::None if iteration == 0 => Some(self.current.response.jacobian.clone()),
            Event::None => known.clone(),
            _ => {
                // Only the layers differ.
                let mut state = self.current.clone();
                state.earth.copy(&self.remapped);
                state.predict(self.sounding, Some(Formula::Peer), &mut self.evaluator);
                Some(state.response.jacobian)
            }
        };
        if let Some(found) = &found {
            self.deviations.note("sensitivity", found, expected);
        }
        self.carried = match event {
            Event::None => found,
            _ => known,
        };
    }

    /// The densities of the way there and back, and the ratio.
    fn ratio(&mut self, step: &Node<'_>, event: Event) -> Result<(), String> {
        let number = |key: &str| step.get(key)?.number_or_null();
        let (current, candidate) = (&self.current, &self.candidate);
        let mut slack = 0.0;
        let mut ratio = candidate.log_prior() - current.log_prior();
        ratio += candidate.log_likelihood - current.log_likelihood;
        if event.changes_dimension() {
            let logs = candidate.earth.log_conductivity();
            let forward = self
                .newton
                .log_density(logs, self.remapped.log_conductivity());
            let local = Local {
                observation: &self.sounding.observation,
                jacobian: &candidate.response.jacobian,
                predicted: &candidate.response.predicted,
                deviations: &candidate.deviations,
            };
            let mean = self.prior.mean();
            self.newton
                .turn_back(self.settings, mean, &candidate.earth, Some(local));
            let middle = self.newton.mean().to_vec();
            let back = self.remapped.log_conductivity();
            let reverse = self.newton.log_density(back, &middle);
            slack = self.rounding(&middle);
            let noted = &mut self.deviations;
            noted.note_log("log q forward", forward, number("log_q_forward")?);
            let expected = number("log_q_reverse")?;
            noted.note_log("log q reverse", towards(reverse, expected, slack), expected);
            ratio += reverse - forward;
        }
        let (expected, noted) = (number("log_acceptance_ratio")?, &mut self.deviations);
        noted.note_log(
            "log acceptance ratio",
            towards(ratio, expected, slack),
            expected,
        );
        Ok(())
    }

    /// How far the density back may be off for the rounding of derivatives at the candidate, which
    /// are not recorded.
    fn rounding(&self, middle: &[f64]) -> f64 {
        let candidate = &self.candidate;
        let jacobian = candidate.response.jacobian.iter();
        let largest = jacobian.fold(0.0, |largest: f64, x| largest.max(x.abs()));
        let active = self.sounding.observation.active().iter();
        let weights: f64 = active
            .zip(&candidate.deviations)
            .map(|(active, deviation)| {
                let left = candidate.response.predicted[active.channel] - active.datum;
                left.abs() / (deviation * deviation)
            })
            .sum();
        let back = self.remapped.log_conductivity().iter();
        let distance: f64 = back.zip(middle).map(|(a, b)| (a - b).abs()).sum();
        ROUNDING * largest * weights * distance * self.settings.covariance_scaling
    }

    /// What the chain carries to the next iteration.
    fn carry(&mut self, step: &Node<'_>, event: Event, used: Vec<f64>) -> Result<(), String> {
        if step.get("accepted")?.flag()? {
            self.carried = match event {
                Event::None | Event::Perturb(..) => Some(used),
                Event::Birth(_) | Event::Death(..) => {
                    Some(self.candidate.response.jacobian.clone())
                }
            };
        } else if event == Event::None {
            self.carried = Some(used);
        }
        Ok(())
    }
}

/// `found`, moved by at most `slack` to what is expected.
fn towards(found: f64, expected: f64, slack: f64) -> f64 {
    expected + (found - expected).signum() * ((found - expected).abs() - slack).max(0.0)
}

/// Sets the earth, the errors and the height of a state.
fn read(state: &mut State, recorded: &Node<'_>, sounding: &Sounding<'_>) -> Result<(), String> {
    state.earth = recorded.earth()?;
    state.errors = recorded.errors()?;
    let start = sounding.instrument.clearance();
    state.height_change = recorded.get("height")?.number()? - start;
    Ok(())
}
