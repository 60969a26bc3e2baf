use std::f64::consts::SQRT_2;

use super::Target;
use super::gaussian::{Gaussian, Local};
use super::jump::Jump;
use super::mixture::{Beyond, Mixture};
use super::ratio::Term;
use super::refresh::Refresh;
use crate::earth::Earth;
use crate::forward::{Formula, Responder, Wanted};
use crate::random::Draws;
use crate::sampler::Acceptance;
use crate::state::{Sounding, State};

/// Of the difference of ln(S/m) across a new interface; the widest is that of the prior.
const DIFFERENCES: [f64; 2] = [0.3, 1.0];
/// How far an interface is moved, in logarithms of its depth.
const SHIFTS: [f64; 4] = [0.02, 0.06, 0.2, 0.6];
/// How far two new interfaces are from each other beyond the least, in parts of all depths.
const GAP: f64 = 0.07;
/// How far the logarithm of an error level is moved.
const LEVELS: [f64; 3] = [0.1, 0.4, 1.5];
/// How far the height is moved, in parts of how far it may change.
const HEIGHTS: [f64; 3] = [0.03, 0.1, 0.4];

/// A chain at one temperature. Nothing is allocated after the start.
///
/// What needs a response is a future, which waits for the responder.
#[derive(Clone, Debug)]
pub(super) struct Walker<'s, R> {
    pub(super) target: Target<'s>,
    pub(super) sounding: &'s Sounding<'s>,
    /// What the logarithm of the likelihood is multiplied with: the inverse of the temperature.
    pub(super) weight: f64,
    pub(super) state: State,
    pub(super) candidate: State,
    /// A state in the layers of another one: where a Newton step between them begins.
    pub(super) between: State,
    /// What a candidate is drawn from, and what would be drawn from on the way back.
    pub(super) there: Gaussian,
    pub(super) back: Gaussian,
    pub(super) below: Refresh,
    pub(super) differences: Mixture,
    pub(super) shifts: Mixture,
    pub(super) gaps: Beyond,
    pub(super) levels: Mixture,
    pub(super) heights: Mixture,
    pub(super) logs: Vec<f64>,
    pub(super) weights: Vec<f64>,
    responder: R,
    pub(super) acceptance: Acceptance,
    /// A term that every ratio leaves out, so that tests see that they would miss it.
    pub(super) omitted: Option<Term>,
}

impl<'s, R: Responder> Walker<'s, R> {
    /// A chain that begins with this state.
    pub(super) async fn new(
        target: Target<'s>,
        sounding: &'s Sounding<'s>,
        weight: f64,
        state: State,
        responder: R,
    ) -> Walker<'s, R> {
        let settings = target.settings();
        let layers = settings.maximum_number_of_layers;
        let [shallow, deep] = target.range();
        let widest = settings.parameter_standard_deviation * SQRT_2;
        let height = settings.height.map_or(1.0, |walk| walk.maximum_change);
        let gaps = Beyond {
            least: target.least_thickness(),
            mean: GAP * (deep - shallow),
        };
        let mut walker = Walker {
            target,
            sounding,
            weight,
            candidate: state.clone(),
            between: state.clone(),
            state,
            there: Gaussian::new(layers),
            back: Gaussian::new(layers),
            below: Refresh::new(layers),
            differences: Mixture::new(DIFFERENCES.into_iter().chain([widest])),
            shifts: Mixture::new(SHIFTS),
            gaps,
            levels: Mixture::new(LEVELS),
            heights: Mixture::new(HEIGHTS.map(|part| part * height)),
            logs: Vec::with_capacity(layers + 1),
            weights: Vec::with_capacity(layers),
            responder,
            acceptance: Acceptance::default(),
            omitted: None,
        };
        // Memory for the most layers, in all of them.
        for state in [&mut walker.candidate, &mut walker.between] {
            state.earth = Earth::half_space(1.0, layers);
            state.response = sounding.instrument.response(layers);
        }
        walker.predict(Whose::State, true).await;
        walker
    }

    /// Does an iteration. Returns whether the state is another one.
    pub(super) async fn step(&mut self, draws: &mut Draws) -> bool {
        let jumped = self.jump(draws).await;
        let changed = self.change_levels(draws);
        self.change_height(draws).await || jumped || changed
    }

    /// Proposes other layers or conductivities.
    async fn jump(&mut self, draws: &mut Draws) -> bool {
        let (kind, proposed) = self.propose(draws).await;
        let accepted = match proposed {
            Some(jump) => self.decide(jump, draws).await,
            None => false,
        };
        self.acceptance.count(kind, accepted);
        accepted
    }

    /// Whether the candidate becomes the state.
    async fn decide(&mut self, jump: Jump, draws: &mut Draws) -> bool {
        let threshold = draws.uniform().ln();
        let candidate = &self.candidate;
        let target = &self.target;
        if !target.allows(&candidate.earth)
            || target.log_of_data(&candidate.errors, candidate.height_change) == f64::NEG_INFINITY
        {
            return false;
        }
        self.predict(Whose::Candidate, jump == Jump::Value).await;
        let accepted = self.log_ratio(jump).await > threshold;
        if accepted {
            self.accept();
        }
        accepted
    }

    pub(super) fn accept(&mut self) {
        std::mem::swap(&mut self.state, &mut self.candidate);
    }

    /// Computes the response and the likelihood of a state, and what is derived where that is
    /// wanted.
    pub(super) async fn predict(&mut self, whose: Whose, derivatives: bool) {
        let state = match whose {
            Whose::State => &mut self.state,
            Whose::Candidate => &mut self.candidate,
            Whose::Between => &mut self.between,
        };
        let settings = self.target.settings();
        if settings.ignore_likelihood {
            state.log_likelihood = 0.0;
            return;
        }
        let wanted = Wanted {
            jacobian: derivatives.then_some(Formula::Correct),
            height: derivatives && settings.height.is_some(),
        };
        state
            .predict_by(self.sounding, wanted, &mut self.responder)
            .await;
    }

    /// Prepares a distribution about a step from a state, which has derivatives. False where there
    /// is none.
    pub(super) fn prepare(&mut self, which: Which, whose: Whose) -> bool {
        let state = match whose {
            Whose::State => &self.state,
            Whose::Candidate => &self.candidate,
            Whose::Between => &self.between,
        };
        let local = Local {
            observation: &self.sounding.observation,
            response: &state.response,
            deviations: &state.deviations,
        };
        let gaussian = match which {
            Which::There => &mut self.there,
            Which::Back => &mut self.back,
        };
        let with_data = !self.target.settings().ignore_likelihood;
        let local = with_data.then_some((local, self.weight));
        gaussian.prepare(&self.target, &state.earth, state.height_change, local)
    }
}

/// One of the states of a walker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    State,
    Candidate,
    Between,
}

/// One of the distributions of a walker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    There,
    Back,
}

/// Makes `to` what `from` is, without its response.
pub(super) fn copy(from: &State, to: &mut State) {
    to.earth.copy(&from.earth);
    to.errors.relative.clone_from(&from.errors.relative);
    to.errors.additive.clone_from(&from.errors.additive);
    to.height_change = from.height_change;
}
