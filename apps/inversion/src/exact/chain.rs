use super::ratio::Term;
use super::walker::Walker;
use super::{Design, Target};
use crate::earth::Earth;
use crate::forward::{Responder, at_once};
use crate::instrument::Evaluator;
use crate::random::{Draws, Stream};
use crate::sampler::{Acceptance, Move, Position, Walk, best_half_space};
use crate::settings::Settings;
use crate::state::{Sounding, State};
use crate::{Error, Result};

/// A chain whose states are distributed as the posterior says, with as many hotter companions as
/// the [`Design`] has. Responses are computed by `R`: an iteration waits for it.
#[derive(Clone, Debug)]
pub struct Chain<'s, R = Evaluator<'s>> {
    stream: Stream,
    half_space: f64,
    /// The coldest first.
    walkers: Vec<Walker<'s, R>>,
    acceptance: Acceptance,
}

impl<'s> Chain<'s> {
    /// The start of a chain: the half-space that fits best, with initial errors. Responses are
    /// computed at once.
    ///
    /// # Errors
    /// [`Settings::check`] refuses, the design does not fit the settings, or [`State::new`] fails.
    pub fn new(
        settings: &'s Settings,
        design: &Design,
        sounding: &'s Sounding<'s>,
        seed: u64,
        number: u32,
    ) -> Result<Chain<'s>> {
        let layers = settings.maximum_number_of_layers;
        let evaluator = sounding.instrument.evaluator(layers);
        at_once(Chain::start(
            settings, design, sounding, seed, number, evaluator,
        ))
    }
}

impl<'s, R: Responder + Clone> Chain<'s, R> {
    /// The same, with responses of this responder.
    ///
    /// # Errors
    /// As [`new`](Chain::new).
    pub async fn start(
        settings: &'s Settings,
        design: &Design,
        sounding: &'s Sounding<'s>,
        seed: u64,
        number: u32,
        mut responder: R,
    ) -> Result<Chain<'s, R>> {
        settings.check()?;
        design.check()?;
        let [birth, death, ..] = settings.events();
        if (birth > 0.0) != (death > 0.0) {
            return Err(Error::Request(
                "probability_of_birth and probability_of_death must both be positive, or both 0: \
                 what has no way back is never accepted"
                    .into(),
            ));
        }
        let half_space = best_half_space(settings, sounding, &mut responder).await?;
        let mean = settings.value_mean.unwrap_or(half_space);
        let target = Target::new(settings, design.layers_prior, mean)?;
        let layers = settings.maximum_number_of_layers;
        let earth = Earth::half_space(half_space, layers);
        let mut walkers = Vec::new();
        for weight in design.weights() {
            let state = State::new(settings, sounding, earth.clone())?;
            let (target, responder) = (target.clone(), responder.clone());
            walkers.push(Walker::new(target, sounding, weight, state, responder).await);
        }
        Ok(Chain {
            stream: Stream::new(seed, sounding.line, sounding.fiducial, number),
            half_space,
            walkers,
            acceptance: Acceptance::default(),
        })
    }
}

impl<'s, R: Responder> Chain<'s, R> {
    /// Makes every ratio leave a term out: how tests see that they would miss it.
    #[must_use]
    pub fn without(mut self, omitted: Option<Term>) -> Chain<'s, R> {
        for walker in &mut self.walkers {
            walker.omitted = omitted;
        }
        self
    }

    /// Does an iteration, as [`Walk::step`] does.
    pub async fn advance(&mut self, iteration: u64) -> bool {
        let mut draws = self.stream.iteration(iteration);
        let mut changed = false;
        for (place, walker) in self.walkers.iter_mut().enumerate() {
            let stepped = walker.step(&mut draws).await;
            changed |= stepped && place == 0;
        }
        let swapped = self.swap(iteration, &mut draws);
        let coldest = &mut self.walkers[0];
        let (target, state) = (&coldest.target, &mut coldest.state);
        state.log_prior_of_earth = target.log_of_earth(&state.earth);
        state.log_prior_of_data = target.log_of_data(&state.errors, state.height_change);
        changed || swapped
    }

    /// Exchanges states of neighbouring temperatures: of every second pair, in turns.
    fn swap(&mut self, iteration: u64, draws: &mut Draws) -> bool {
        let mut changed = false;
        for cold in ((iteration % 2) as usize..self.walkers.len().saturating_sub(1)).step_by(2) {
            let threshold = draws.uniform().ln();
            let (front, rear) = self.walkers.split_at_mut(cold + 1);
            let (colder, hotter) = (&mut front[cold], &mut rear[0]);
            let weights = colder.weight - hotter.weight;
            let gain = hotter.state.log_likelihood - colder.state.log_likelihood;
            let accepted = weights * gain > threshold;
            if accepted {
                std::mem::swap(&mut colder.state, &mut hotter.state);
            }
            if cold == 0 {
                self.acceptance.count(Move::Swap, accepted);
                changed = accepted;
            }
        }
        changed
    }
}

impl Walk for Chain<'_> {
    fn step(&mut self, iteration: u64) -> bool {
        at_once(self.advance(iteration))
    }
}

impl<R: Responder> Position for Chain<'_, R> {
    fn state(&self) -> &State {
        &self.walkers[0].state
    }

    fn half_space(&self) -> f64 {
        self.half_space
    }

    fn acceptance(&self) -> Acceptance {
        self.walkers[0].acceptance.with(&self.acceptance)
    }
}
