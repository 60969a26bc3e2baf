//! The acceptance ratio of Green (1995): target and density of the way back, over those of the way
//! there. All maps between states have the determinant 1.

use super::gaussian::Gaussian;
use super::jump::{Fork, Jump, Place, Redraw};
use super::ratio::{Ratio, Term};
use super::structure;
use super::walker::Walker;
use crate::earth::Earth;
use crate::forward::Responder;
use crate::state::State;

impl<R: Responder> Walker<'_, R> {
    /// The logarithm of the ratio from the state to the candidate. Both have responses, the
    /// candidate of [`Jump::Value`] with derivatives, and the way there is prepared.
    pub(super) async fn log_ratio(&mut self, jump: Jump) -> f64 {
        let mut ratio = Ratio::without(self.omitted);
        self.target
            .add_earth(&self.candidate.earth, 1.0, &mut ratio);
        self.target.add_earth(&self.state.earth, -1.0, &mut ratio);
        let likelihood = self.candidate.log_likelihood - self.state.log_likelihood;
        ratio.add(Term::Likelihood, self.weight * likelihood);
        match jump {
            Jump::Birth(place, redraw) => {
                let (more, less) = (&self.candidate.earth, &self.state.earth);
                self.add_birth(more, less, place, redraw, 1.0, &mut ratio);
            }
            Jump::Death(place, redraw) => {
                let (more, less) = (&self.state.earth, &self.candidate.earth);
                self.add_birth(more, less, place, redraw, -1.0, &mut ratio);
            }
            Jump::Fork(fork, redraw) => {
                self.add_fork(&self.candidate.earth, fork, redraw, 1.0, &mut ratio);
            }
            Jump::Fuse(fork, redraw) => {
                self.add_fork(&self.state.earth, fork, redraw, -1.0, &mut ratio);
            }
            Jump::Teleport(from, to, redraw) => {
                // Both are put into the same room, by the logarithm of the depth.
                ratio.add(Term::Place, (to.depth / from.depth).ln());
                if redraw == Redraw::Split {
                    let [old, new] = [(&self.state, from), (&self.candidate, to)]
                        .map(|(state, at)| self.log_of_difference(&state.earth, at.interface));
                    ratio.add(Term::Difference, old - new);
                }
            }
            Jump::Shift(from, to, _) => {
                let choice = |state: &State| {
                    let weights = structure::weights(&state.earth);
                    let (mut own, mut all) = (0.0, 0.0);
                    for (place, weight) in weights.enumerate() {
                        all += weight;
                        if place == from.interface {
                            own = weight;
                        }
                    }
                    f64::ln(own / all)
                };
                ratio.add(
                    Term::Interface,
                    choice(&self.candidate) - choice(&self.state),
                );
                // The density of the depth, where that of its logarithm is even.
                ratio.add(Term::Place, (to.depth / from.depth).ln());
            }
            Jump::Refresh(cut) => {
                let [old, new] = [&self.state, &self.candidate]
                    .map(|state| self.below.log_density(&self.target, &state.earth, cut));
                ratio.add(Term::Reverse, old);
                ratio.add(Term::Forward, -new);
            }
            Jump::Value => {}
        }
        if jump.redraws_all() {
            if !self.prepare_back(jump).await {
                return f64::NEG_INFINITY;
            }
            let density = |gaussian: &Gaussian, state: &State| {
                gaussian.log_density(&state.earth, state.height_change)
            };
            ratio.add(Term::Reverse, density(&self.back, &self.state));
            ratio.add(Term::Forward, -density(&self.there, &self.candidate));
        }
        ratio.log()
    }

    /// The choices of a birth from `less` to `more`, or, with the sign -1, of the death that is its
    /// way back.
    fn add_birth(
        &self,
        more: &Earth,
        less: &Earth,
        place: Place,
        redraw: Redraw,
        sign: f64,
        ratio: &mut Ratio,
    ) {
        let [birth, death, ..] = self.target.settings().events();
        ratio.add(Term::Choice, sign * (death / birth).ln());
        let interfaces = more.depth().len() as f64;
        ratio.add(Term::Interface, -sign * interfaces.ln());
        let density = structure::log_of_place(&self.target, less.depth(), place.depth);
        ratio.add(Term::Place, -sign * density);
        if redraw == Redraw::Split {
            let density = self.log_of_difference(more, place.interface);
            ratio.add(Term::Difference, -sign * density);
        }
    }

    /// The choices of a fork to `more`, or, with the sign -1, of its way back. As many interfaces
    /// can become two as pairs can become one on the way back.
    fn add_fork(&self, more: &Earth, fork: Fork, redraw: Redraw, sign: f64, ratio: &mut Ratio) {
        let [birth, death, ..] = self.target.settings().events();
        ratio.add(Term::Choice, sign * (death / birth).ln());
        ratio.add(Term::Place, -sign * self.gaps.log_density(fork.gap));
        if redraw == Redraw::Split {
            let bulge = structure::bulge(more, fork.interface);
            ratio.add(
                Term::Difference,
                -sign * self.differences.log_density(bulge),
            );
        }
    }

    fn log_of_difference(&self, earth: &Earth, interface: usize) -> f64 {
        let difference = structure::difference(earth, interface);
        self.differences.log_density(difference)
    }
}
