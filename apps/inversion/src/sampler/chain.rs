use super::{Acceptance, Event, Local, Move, Newton, Position, Walk, best_half_space};
use crate::Result;
use crate::earth::Earth;
use crate::forward::{Formula, Response, Wanted, at_once};
use crate::instrument::Evaluator;
use crate::prior::Prior;
use crate::random::{Draws, Stream};
use crate::settings::{HeightWalk, Level, Settings};
use crate::state::{Sounding, State};

/// How often a level or a height is drawn again that is beyond its limits.
const TRIES: usize = 10;

/// A chain of geobipy 2.3.2, with all that its acceptance ratio leaves out, to compare with it. The
/// derivatives are those of geobipy too. Nothing is allocated after the start.
#[derive(Debug)]
pub struct Chain<'s> {
    settings: &'s Settings,
    sounding: &'s Sounding<'s>,
    prior: Prior<'s>,
    stream: Stream,
    half_space: f64,
    state: State,
    /// The layers after an event, with conductivities as they were.
    remapped: Earth,
    /// What the derivatives of a proposal are taken of.
    used: Response,
    candidate: State,
    newton: Newton,
    /// The middle of the proposal, before it is turned back.
    mean: Vec<f64>,
    evaluator: Evaluator<'s>,
    acceptance: Acceptance,
}

/// What an iteration did.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// What happened to the layers.
    pub event: Event,
    /// Whether the candidate became the state.
    pub accepted: bool,
    /// The logarithm of the acceptance ratio; what bounds it from above where that was enough to
    /// reject; not a number where no candidate could be made.
    pub log_ratio: f64,
    /// The proposal's density at the candidate, and back from there where it was needed.
    pub log_forward: f64,
    /// See above; not a number where it was not needed.
    pub log_reverse: f64,
}

impl<'s> Chain<'s> {
    /// The start of a chain: the half-space that fits best, with initial errors.
    ///
    /// # Errors
    /// [`Settings::check`] refuses, or [`State::new`] does.
    pub fn new(
        settings: &'s Settings,
        sounding: &'s Sounding<'s>,
        seed: u64,
        number: u32,
    ) -> Result<Chain<'s>> {
        settings.check()?;
        let layers = settings.maximum_number_of_layers;
        let mut evaluator = sounding.instrument.evaluator(layers);
        let half_space = at_once(best_half_space(settings, sounding, &mut evaluator))?;
        let earth = Earth::half_space(half_space, layers);
        let mut state = State::new(settings, sounding, earth)?;
        let prior = Prior::new(settings, settings.value_mean.unwrap_or(half_space));
        state.predict(sounding, Some(Formula::Peer), &mut evaluator);
        if settings.ignore_likelihood {
            state.log_likelihood = 0.0;
        }
        state.weigh(&prior);
        let candidate = State::new(settings, sounding, Earth::half_space(half_space, layers))?;
        Ok(Chain {
            settings,
            sounding,
            prior,
            stream: Stream::new(seed, sounding.line, sounding.fiducial, number),
            half_space,
            state,
            remapped: Earth::half_space(half_space, layers),
            used: sounding.instrument.response(layers),
            candidate,
            newton: Newton::new(layers),
            mean: Vec::with_capacity(layers),
            evaluator,
            acceptance: Acceptance::default(),
        })
    }

    /// S/m: where the chain began.
    pub fn half_space(&self) -> f64 {
        self.half_space
    }

    /// Where the chain is.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The layers after the last event, with conductivities as they were.
    pub fn remapped(&self) -> &Earth {
        &self.remapped
    }

    /// The last candidate; the state before it where that was accepted.
    pub fn other(&self) -> &State {
        &self.candidate
    }

    /// The derivatives that the last proposal was made with, where something happened to the
    /// layers.
    pub fn used(&self) -> &Response {
        &self.used
    }

    /// Does an iteration; random numbers are those of its number, from 1.
    pub fn step(&mut self, iteration: u64) -> Step {
        let step = self.attempt(iteration);
        let kind = match step.event {
            Event::Birth(_) => Move::Birth,
            Event::Death(..) => Move::Death,
            Event::Perturb(..) => Move::Move,
            Event::None => Move::Value,
        };
        self.acceptance.count(kind, step.accepted);
        step
    }

    fn attempt(&mut self, iteration: u64) -> Step {
        let mut draws = self.stream.iteration(iteration);
        let settings = self.settings;
        let event = Event::draw(settings, &self.state.earth, &mut self.remapped, &mut draws);
        let mut step = Step {
            event,
            accepted: false,
            log_ratio: f64::NAN,
            log_forward: f64::NAN,
            log_reverse: f64::NAN,
        };
        if !self.prepare(event) {
            return step;
        }
        self.propose(&mut draws);
        let threshold = draws.uniform().ln();
        self.candidate.weigh(&self.prior);
        let change = self.candidate.log_prior() - self.state.log_prior();
        if change == f64::NEG_INFINITY {
            step.log_ratio = change;
            return step;
        }
        if settings.ignore_likelihood {
            self.candidate.log_likelihood = 0.0;
        } else {
            self.candidate
                .predict(self.sounding, None, &mut self.evaluator);
        }
        let likelihood = self.candidate.log_likelihood - self.state.log_likelihood;
        step.log_ratio = change + likelihood;
        if event.changes_dimension() {
            self.turn_back(threshold, &mut step);
        }
        step.accepted = step.log_ratio > threshold;
        if step.accepted {
            self.accept(event);
        }
        step
    }

    /// The distribution of the proposal. False where there is none.
    fn prepare(&mut self, event: Event) -> bool {
        let (settings, sounding) = (self.settings, self.sounding);
        let with_data = settings.stochastic_newton && !settings.ignore_likelihood;
        if event != Event::None && !settings.ignore_likelihood {
            let Ok(layers) = self.remapped.layers() else {
                return false;
            };
            let wanted = Wanted {
                jacobian: Some(Formula::Peer),
                height: false,
            };
            let height = self.state.height_change;
            let used = &mut self.used;
            self.evaluator.evaluate(layers, height, wanted, used);
        }
        let jacobian = match event {
            Event::None => &self.state.response.jacobian,
            _ => &self.used.jacobian,
        };
        let local = Local {
            observation: &sounding.observation,
            jacobian,
            predicted: &self.state.response.predicted,
            deviations: &self.state.deviations,
        };
        let local = with_data.then_some(local);
        let mean = self.prior.mean();
        self.newton.prepare(settings, mean, &self.remapped, local)
    }

    /// Draws conductivities, errors and a height.
    fn propose(&mut self, draws: &mut Draws) {
        let (state, candidate) = (&self.state, &mut self.candidate);
        self.mean.clear();
        self.mean.extend(self.remapped.log_conductivity());
        self.newton.draw(draws, &mut self.mean);
        candidate.earth.copy(&self.remapped);
        candidate.earth.set_log_conductivity(&self.mean);
        candidate.height_change = match self.settings.height {
            None => state.height_change,
            Some(walk) => walked_height(walk, state.height_change, draws),
        };
        let (from, to) = (&state.errors, &mut candidate.errors);
        for (levels, from, to) in [
            (
                &self.settings.relative_error,
                &from.relative,
                &mut to.relative,
            ),
            (
                &self.settings.additive_error,
                &from.additive,
                &mut to.additive,
            ),
        ] {
            for (level, (from, to)) in levels.iter().zip(from.iter().zip(to)) {
                *to = walked_level(level, *from, draws);
            }
        }
    }

    /// Adds the densities of the way there and back to the ratio; the derivatives that the way back
    /// needs are computed only where the ratio could pass the threshold.
    fn turn_back(&mut self, threshold: f64, step: &mut Step) {
        let (from, to) = (&self.remapped, &mut self.candidate);
        step.log_forward = self
            .newton
            .log_density(to.earth.log_conductivity(), from.log_conductivity());
        step.log_ratio -= step.log_forward;
        let bound = step.log_ratio + self.newton.largest_log_density();
        if bound.is_nan() || bound <= threshold {
            step.log_ratio = bound;
            return;
        }
        let sounding = self.sounding;
        if !self.settings.ignore_likelihood {
            let likelihood = to.log_likelihood;
            to.predict(sounding, Some(Formula::Peer), &mut self.evaluator);
            debug_assert_eq!(to.log_likelihood.to_bits(), likelihood.to_bits());
        }
        let local = Local {
            observation: &sounding.observation,
            jacobian: &to.response.jacobian,
            predicted: &to.response.predicted,
            deviations: &to.deviations,
        };
        let local = (!self.settings.ignore_likelihood).then_some(local);
        self.newton
            .turn_back(self.settings, self.prior.mean(), &to.earth, local);
        self.mean.clear();
        self.mean.extend(self.newton.mean());
        step.log_reverse = self.newton.log_density(from.log_conductivity(), &self.mean);
        step.log_ratio += step.log_reverse;
    }

    /// Makes the candidate the state. It carries the derivatives that geobipy would: those of the
    /// layers before the conductivities changed where an interface was moved, and older ones where
    /// nothing happened.
    fn accept(&mut self, event: Event) {
        std::mem::swap(&mut self.state, &mut self.candidate);
        let (now, before) = (&mut self.state.response, &mut self.candidate.response);
        match event {
            Event::None => std::mem::swap(&mut now.jacobian, &mut before.jacobian),
            Event::Perturb(..) => std::mem::swap(&mut now.jacobian, &mut self.used.jacobian),
            Event::Birth(_) | Event::Death(..) => {}
        }
    }
}

/// Conductivities, errors and the height change in every iteration: they are counted by what
/// happens to the layers beside, and as values where nothing does.
impl Walk for Chain<'_> {
    fn step(&mut self, iteration: u64) -> bool {
        Chain::step(self, iteration).accepted
    }
}

impl Position for Chain<'_> {
    fn state(&self) -> &State {
        &self.state
    }

    fn half_space(&self) -> f64 {
        self.half_space
    }

    fn acceptance(&self) -> Acceptance {
        self.acceptance
    }
}

/// A step of a level that stays between its ends, or none.
fn walked_level(level: &Level, from: f64, draws: &mut Draws) -> f64 {
    let Some(walk) = level.walk else {
        return from;
    };
    let deviation = walk.proposal_variance.sqrt();
    for _ in 0..TRIES {
        let to = (from.ln() + deviation * draws.normal()).exp();
        if to >= walk.minimum && to <= walk.maximum {
            return to;
        }
    }
    from
}

/// A step of the height that stays between its ends, or none.
fn walked_height(walk: HeightWalk, from: f64, draws: &mut Draws) -> f64 {
    let deviation = walk.proposal_variance.sqrt();
    for _ in 0..TRIES {
        let to = from + deviation * draws.normal();
        if to.abs() <= walk.maximum_change {
            return to;
        }
    }
    from
}
