//! The acceptance ratio of Green (1995): target and density of the way back, over those of the way
//! there. All maps between states have the determinant 1.

use super::gaussian::Gaussian;
use super::jump::{Jump, Redraw};
use super::ratio::{Ratio, Term};
use super::structure;
use super::walker::Walker;
use crate::earth::Earth;
use crate::state::State;

impl Walker<'_> {
    /// The logarithm of the ratio from the state to the candidate. Both have responses, the
    /// candidate of [`Jump::Value`] with derivatives, and the way there is prepared.
    pub(super) fn log_ratio(&mut self, jump: Jump) -> f64 {
        let mut ratio = Ratio::without(self.omitted);
        self.target
            .add_earth(&self.candidate.earth, 1.0, &mut ratio);
        self.target.add_earth(&self.state.earth, -1.0, &mut ratio);
        let likelihood = self.candidate.log_likelihood - self.state.log_likelihood;
        ratio.add(Term::Likelihood, self.weight * likelihood);
        match jump {
            Jump::Birth(place, redraw) => {
                let (more, less) = (&self.candidate.earth, &self.state.earth);
                self.add_birth(more, less, place.interface, redraw, 1.0, &mut ratio);
            }
            Jump::Death(place, redraw) => {
                let (more, less) = (&self.state.earth, &self.candidate.earth);
                self.add_birth(more, less, place.interface, redraw, -1.0, &mut ratio);
            }
            Jump::Teleport(from, to) => {
                let [old, new] = [(&self.state, from), (&self.candidate, to)]
                    .map(|(state, interface)| self.log_of_difference(&state.earth, interface));
                ratio.add(Term::Difference, old - new);
            }
            Jump::Shift | Jump::Value => {}
        }
        if jump.redraws_all() {
            if !self.prepare_back(jump) {
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
        interface: usize,
        redraw: Redraw,
        sign: f64,
        ratio: &mut Ratio,
    ) {
        let [birth, death, ..] = self.target.settings().events();
        ratio.add(Term::Choice, sign * (death / birth).ln());
        let interfaces = more.depth().len() as f64;
        ratio.add(Term::Interface, -sign * interfaces.ln());
        let room = structure::room(&self.target, less.depth());
        ratio.add(Term::Place, sign * room.ln());
        if redraw == Redraw::Split {
            let density = self.log_of_difference(more, interface);
            ratio.add(Term::Difference, -sign * density);
        }
    }

    fn log_of_difference(&self, earth: &Earth, interface: usize) -> f64 {
        let difference = structure::difference(earth, interface);
        self.differences.log_density(difference)
    }
}
