//! Error levels and the height, each alone.

use super::ratio::{Ratio, Term};
use super::walker::{Walker, Whose, copy};
use crate::forward::Responder;
use crate::random::Draws;
use crate::sampler::Move;
use crate::settings::LevelWalk;
use crate::state::Sounding;

/// How often each error level is proposed in an iteration, as it costs no response.
const ROUNDS: usize = 3;
/// How often a height is proposed.
const HEIGHTS: f64 = 0.25;

impl<R: Responder> Walker<'_, R> {
    /// Proposes other error levels, one after the other, a few times each.
    pub(super) fn change_levels(&mut self, draws: &mut Draws) -> bool {
        let settings = self.target.settings();
        let mut changed = false;
        for _ in 0..ROUNDS {
            let levels = settings
                .relative_error
                .iter()
                .chain(&settings.additive_error);
            for (place, level) in levels.enumerate() {
                if let Some(walk) = level.walk {
                    changed |= self.change_level(place, walk, draws);
                }
            }
        }
        changed
    }

    /// Proposes another value of the level at a place, as [`Errors::level_mut`] counts them.
    ///
    /// [`Errors::level_mut`]: crate::likelihood::Errors::level_mut
    fn change_level(&mut self, place: usize, walk: LevelWalk, draws: &mut Draws) -> bool {
        let by = self.levels.draw(draws).exp();
        let threshold = draws.uniform().ln();
        let level = self.state.errors.level_mut(place);
        let before = *level;
        *level *= by;
        let is_inside = *level >= walk.minimum && *level <= walk.maximum;
        let accepted = is_inside && self.weigh_levels(threshold);
        if !accepted {
            *self.state.errors.level_mut(place) = before;
        }
        self.acceptance.count(Move::Error, accepted);
        accepted
    }

    /// Whether the state with other error levels is accepted; what depends on them is computed
    /// then.
    fn weigh_levels(&mut self, threshold: f64) -> bool {
        let settings = self.target.settings();
        if settings.ignore_likelihood {
            return true;
        }
        let Sounding { observation, .. } = self.sounding;
        let (state, candidate) = (&self.state, &mut self.candidate);
        let predicted = &state.response.predicted;
        observation.deviations(&state.errors, predicted, &mut candidate.deviations);
        let misfit = observation.misfit(predicted, &candidate.deviations);
        let log_likelihood = observation.log_likelihood(misfit, &candidate.deviations);
        let mut ratio = Ratio::without(self.omitted);
        let change = self.weight * (log_likelihood - state.log_likelihood);
        ratio.add(Term::Likelihood, change);
        let accepted = ratio.log() > threshold;
        if accepted {
            let state = &mut self.state;
            std::mem::swap(&mut state.deviations, &mut candidate.deviations);
            (state.misfit, state.log_likelihood) = (misfit, log_likelihood);
        }
        accepted
    }

    /// Proposes another height, now and then.
    pub(super) async fn change_height(&mut self, draws: &mut Draws) -> bool {
        let Some(walk) = self.target.settings().height else {
            return false;
        };
        if draws.uniform() >= HEIGHTS {
            return false;
        }
        copy(&self.state, &mut self.candidate);
        self.candidate.height_change += self.heights.draw(draws);
        let threshold = draws.uniform().ln();
        let is_inside = self.candidate.height_change.abs() <= walk.maximum_change;
        let accepted = is_inside && {
            self.predict(Whose::Candidate, false).await;
            let likelihood = self.candidate.log_likelihood - self.state.log_likelihood;
            let mut ratio = Ratio::without(self.omitted);
            ratio.add(Term::Likelihood, self.weight * likelihood);
            ratio.log() > threshold
        };
        if accepted {
            self.accept();
        }
        self.acceptance.count(Move::Height, accepted);
        accepted
    }
}
