//! Candidates.

use super::jump::{Fork, Jump, Place, Redraw};
use super::structure;
use super::walker::{Walker, Which, Whose, copy};
use crate::forward::Responder;
use crate::random::Draws;
use crate::sampler::Move;
use crate::state::State;

/// How many of the births, deaths and moves draw all conductivities anew.
const REDRAWS: f64 = 0.5;
/// How many of the births and deaths are forks.
const FORKS: f64 = 0.2;
/// How many of the moves of interfaces draw all below a depth.
const REFRESHES: f64 = 0.3;
/// How many of the rest take an interface out and put one in.
const TELEPORTS: f64 = 0.5;
/// How many of the moves in the same layers shift an interface first.
const FOLLOWS: f64 = 0.75;

impl<R: Responder> Walker<'_, R> {
    /// Draws a candidate, without its response, and says how it came from the state; none where
    /// there is no such candidate.
    pub(super) async fn propose(&mut self, draws: &mut Draws) -> (Move, Option<Jump>) {
        let event = draws.categorical(&self.target.settings().events());
        let redraw = if draws.uniform() < REDRAWS {
            Redraw::All
        } else {
            Redraw::Split
        };
        copy(&self.state, &mut self.candidate);
        let (kind, jump) = match event {
            0 if draws.uniform() < FORKS => (Move::Birth, self.fork(redraw, draws)),
            0 => (Move::Birth, self.birth(redraw, draws)),
            1 if draws.uniform() < FORKS => (Move::Death, self.fuse(redraw, draws)),
            1 => (Move::Death, self.death(redraw, draws)),
            2 if draws.uniform() < REFRESHES => (Move::Move, Some(self.refresh(draws))),
            2 if draws.uniform() < TELEPORTS => (Move::Move, self.teleport(redraw, draws)),
            2 => (Move::Move, self.shift(redraw, draws)),
            _ if self.state.earth.count() > 1 && draws.uniform() < FOLLOWS => {
                (Move::Move, self.shift(Redraw::All, draws))
            }
            _ => (Move::Value, Some(Jump::Value)),
        };
        let drawn = match jump {
            Some(jump) if jump.redraws_all() => self.redraw(jump, draws).await,
            _ => true,
        };
        (kind, jump.filter(|_| drawn))
    }

    fn birth(&mut self, redraw: Redraw, draws: &mut Draws) -> Option<Jump> {
        let earth = &mut self.candidate.earth;
        if earth.count() == self.target.settings().maximum_number_of_layers {
            return None;
        }
        let depth = structure::place(&self.target, earth.depth(), draws.uniform())?;
        let difference = self.difference(redraw, draws);
        let earth = &mut self.candidate.earth;
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

    fn fork(&mut self, redraw: Redraw, draws: &mut Draws) -> Option<Jump> {
        let interface = self.any_interface(draws)?;
        let earth = &mut self.candidate.earth;
        if earth.count() == self.target.settings().maximum_number_of_layers {
            return None;
        }
        let fork = Fork {
            interface,
            middle: earth.depth()[interface],
            gap: self.gaps.draw(draws),
        };
        let [top, bottom] = [-0.5, 0.5].map(|part| fork.middle + part * fork.gap);
        let neighbour = interface
            .checked_sub(1)
            .map_or(0.0, |above| earth.depth()[above]);
        let below = earth.depth().get(interface + 1).copied();
        if top <= neighbour || below.is_some_and(|below| bottom >= below) {
            return None;
        }
        let bulge = self.difference(redraw, draws);
        let earth = &mut self.candidate.earth;
        structure::fork(earth, fork, bulge, &mut self.logs);
        Some(Jump::Fork(fork, redraw))
    }

    fn fuse(&mut self, redraw: Redraw, draws: &mut Draws) -> Option<Jump> {
        let earth = &mut self.candidate.earth;
        let pairs = earth
            .depth()
            .len()
            .checked_sub(1)
            .filter(|pairs| *pairs > 0)?;
        let interface = draws.below(pairs);
        let [top, bottom] = [0, 1].map(|below| earth.depth()[interface + below]);
        let fork = Fork {
            interface,
            middle: 0.5 * (top + bottom),
            gap: bottom - top,
        };
        structure::fuse(earth, fork);
        Some(Jump::Fuse(fork, redraw))
    }

    fn shift(&mut self, redraw: Redraw, draws: &mut Draws) -> Option<Jump> {
        self.any_interface(draws)?;
        let earth = &mut self.candidate.earth;
        self.weights.clear();
        self.weights.extend(structure::weights(earth));
        let interface = draws.categorical(&self.weights);
        let depth = earth.depth()[interface];
        let from = Place { interface, depth };
        let depth = depth * self.shifts.draw(draws).exp();
        let to = Place { interface, depth };
        earth.place(interface, depth);
        // What passes a neighbour is nowhere.
        let jump = Jump::Shift(from, to, redraw);
        self.target.allows(earth).then_some(jump)
    }

    fn teleport(&mut self, redraw: Redraw, draws: &mut Draws) -> Option<Jump> {
        let interface = self.any_interface(draws)?;
        let earth = &mut self.candidate.earth;
        let depth = earth.depth()[interface];
        let from = Place { interface, depth };
        structure::join(earth, interface);
        let depth = structure::place(&self.target, earth.depth(), draws.uniform())?;
        let difference = self.difference(redraw, draws);
        let earth = &mut self.candidate.earth;
        let interface = structure::split(earth, depth, difference, &mut self.logs);
        let to = Place { interface, depth };
        Some(Jump::Teleport(from, to, redraw))
    }

    fn refresh(&mut self, draws: &mut Draws) -> Jump {
        let [shallow, deep] = self.target.range();
        let cut = shallow * (deep / shallow).powf(draws.uniform());
        let earth = &mut self.candidate.earth;
        self.below.draw(&self.target, earth, cut, draws);
        Jump::Refresh(cut)
    }

    /// The difference across a new interface, or of a layer from its neighbours, of conductivities
    /// that are not drawn anew.
    fn difference(&self, redraw: Redraw, draws: &mut Draws) -> f64 {
        match redraw {
            Redraw::Split => self.differences.draw(draws),
            Redraw::All => 0.0,
        }
    }

    fn any_interface(&self, draws: &mut Draws) -> Option<usize> {
        let interfaces = self.state.earth.count() - 1;
        (interfaces > 0).then(|| draws.below(interfaces))
    }

    /// Draws all conductivities and the height of the candidate, whose layers are there.
    async fn redraw(&mut self, jump: Jump, draws: &mut Draws) -> bool {
        if !self.prepare_there(jump).await {
            return false;
        }
        let candidate = &mut self.candidate;
        let layers = candidate.earth.count();
        candidate.height_change = self.there.draw(layers, draws, &mut self.logs);
        candidate.earth.set_log_conductivity(&self.logs);
        candidate.earth.layers().is_ok()
    }

    /// The distribution that the candidate of a jump is drawn from.
    pub(super) async fn prepare_there(&mut self, jump: Jump) -> bool {
        if jump == Jump::Value {
            if self.state.response.jacobian.is_empty() {
                self.predict(Whose::State, true).await;
            }
            return self.prepare(Which::There, Whose::State);
        }
        map(&self.state, jump, &mut self.between, &mut self.logs);
        self.predict(Whose::Between, true).await;
        self.prepare(Which::There, Whose::Between)
    }

    /// The distribution that the state would be drawn from on the way back from the candidate.
    pub(super) async fn prepare_back(&mut self, jump: Jump) -> bool {
        if jump == Jump::Value {
            return self.prepare(Which::Back, Whose::Candidate);
        }
        map(
            &self.candidate,
            jump.reverse(),
            &mut self.between,
            &mut self.logs,
        );
        self.predict(Whose::Between, true).await;
        self.prepare(Which::Back, Whose::Between)
    }
}

/// Makes `to` what `from` is, in the layers after a jump: parts of a split layer are alike.
fn map(from: &State, jump: Jump, to: &mut State, logs: &mut Vec<f64>) {
    copy(from, to);
    match jump {
        Jump::Birth(place, _) => {
            structure::split(&mut to.earth, place.depth, 0.0, logs);
        }
        Jump::Death(place, _) => structure::join(&mut to.earth, place.interface),
        Jump::Fork(fork, _) => structure::fork(&mut to.earth, fork, 0.0, logs),
        Jump::Fuse(fork, _) => structure::fuse(&mut to.earth, fork),
        Jump::Shift(_, place, _) => to.earth.place(place.interface, place.depth),
        Jump::Teleport(old, new, _) => {
            structure::join(&mut to.earth, old.interface);
            structure::split(&mut to.earth, new.depth, 0.0, logs);
        }
        Jump::Refresh(_) | Jump::Value => {}
    }
}
