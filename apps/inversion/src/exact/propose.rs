//! Candidates.

use super::jump::{Jump, Place, Redraw};
use super::structure;
use super::walker::{Walker, Which, Whose, copy};
use crate::random::Draws;
use crate::sampler::Move;
use crate::state::State;

impl Walker<'_> {
    /// Draws a candidate, without its response, and says how it came from the state; none where
    /// there is no such candidate.
    pub(super) fn propose(&mut self, draws: &mut Draws) -> (Move, Option<Jump>) {
        let event = draws.categorical(&self.target.settings().events());
        let second = draws.uniform() < 0.5;
        copy(&self.state, &mut self.candidate);
        let redraw = if second { Redraw::All } else { Redraw::Split };
        let (kind, jump) = match event {
            0 => (Move::Birth, self.birth(redraw, draws)),
            1 => (Move::Death, self.death(redraw, draws)),
            2 if second => (Move::Move, self.teleport(draws)),
            2 => (Move::Move, self.shift(draws)),
            _ => (Move::Value, Some(Jump::Value)),
        };
        let drawn = jump.is_none_or(|jump| !jump.redraws_all() || self.redraw(jump, draws));
        (kind, jump.filter(|_| drawn))
    }

    fn birth(&mut self, redraw: Redraw, draws: &mut Draws) -> Option<Jump> {
        let earth = &mut self.candidate.earth;
        if earth.count() == self.target.settings().maximum_number_of_layers {
            return None;
        }
        let depth = structure::place(&self.target, earth.depth(), draws.uniform())?;
        let difference = match redraw {
            Redraw::Split => self.differences.draw(draws),
            Redraw::All => 0.0,
        };
        let interface = structure::split(earth, depth, difference, &mut self.logs);
        Some(Jump::Birth(Place { interface, depth }, redraw))
    }

    fn death(&mut self, redraw: Redraw, draws: &mut Draws) -> Option<Jump> {
        let interface = self.any_interface(draws)?;
        let earth = &mut self.candidate.earth;
        let depth = earth.depth()[interface];
        structure::join(earth, interface);
        Some(Jump::Death(Place { interface, depth }, redraw))
    }

    fn shift(&mut self, draws: &mut Draws) -> Option<Jump> {
        let interface = self.any_interface(draws)?;
        let by = self.shifts.draw(draws);
        self.candidate.earth.shift(interface, by);
        Some(Jump::Shift)
    }

    fn teleport(&mut self, draws: &mut Draws) -> Option<Jump> {
        let from = self.any_interface(draws)?;
        let earth = &mut self.candidate.earth;
        structure::join(earth, from);
        let depth = structure::place(&self.target, earth.depth(), draws.uniform())?;
        let difference = self.differences.draw(draws);
        let to = structure::split(earth, depth, difference, &mut self.logs);
        Some(Jump::Teleport(from, to))
    }

    fn any_interface(&self, draws: &mut Draws) -> Option<usize> {
        let interfaces = self.state.earth.count() - 1;
        (interfaces > 0).then(|| draws.below(interfaces))
    }

    /// Draws all conductivities and the height of the candidate, whose layers are there.
    fn redraw(&mut self, jump: Jump, draws: &mut Draws) -> bool {
        if !self.prepare_there(jump) {
            return false;
        }
        let candidate = &mut self.candidate;
        let layers = candidate.earth.count();
        candidate.height_change = self.there.draw(layers, draws, &mut self.logs);
        candidate.earth.set_log_conductivity(&self.logs);
        candidate.earth.layers().is_ok()
    }

    /// The distribution that the candidate of a jump is drawn from.
    pub(super) fn prepare_there(&mut self, jump: Jump) -> bool {
        if jump == Jump::Value {
            if self.state.response.jacobian.is_empty() {
                self.predict(Whose::State, true);
            }
            return self.prepare(Which::There, Whose::State);
        }
        map(&self.state, jump, &mut self.between, &mut self.logs);
        self.predict(Whose::Between, true);
        self.prepare(Which::There, Whose::Between)
    }

    /// The distribution that the state would be drawn from on the way back from the candidate.
    pub(super) fn prepare_back(&mut self, jump: Jump) -> bool {
        if jump == Jump::Value {
            return self.prepare(Which::Back, Whose::Candidate);
        }
        map(
            &self.candidate,
            jump.reverse(),
            &mut self.between,
            &mut self.logs,
        );
        self.predict(Whose::Between, true);
        self.prepare(Which::Back, Whose::Between)
    }
}

/// Makes `to` what `from` is, in the layers after a birth or a death: parts of a split layer are
/// alike.
fn map(from: &State, jump: Jump, to: &mut State, logs: &mut Vec<f64>) {
    copy(from, to);
    match jump {
        Jump::Birth(place, _) => {
            structure::split(&mut to.earth, place.depth, 0.0, logs);
        }
        Jump::Death(place, _) => structure::join(&mut to.earth, place.interface),
        Jump::Shift | Jump::Teleport(..) | Jump::Value => {}
    }
}
