//! Everything below a depth drawn anew from its prior, given what is above: what data do not see
//! mixes at once.

use std::f64::consts::TAU;

use super::Target;
use crate::earth::Earth;
use crate::random::Draws;

/// Draws of interfaces and conductivities below a depth. Memory is reused.
#[derive(Clone, Debug, Default)]
pub(super) struct Refresh {
    /// ln of the weight of each number of interfaces below, from 0.
    logs: Vec<f64>,
    weights: Vec<f64>,
    depths: Vec<f64>,
    /// Precisions of each layer given the one above, from the last kept one.
    pivots: Vec<f64>,
}

impl Refresh {
    /// Memory for so many layers.
    pub(super) fn new(layers: usize) -> Refresh {
        let memory = || Vec::with_capacity(layers + 1);
        Refresh {
            logs: memory(),
            weights: memory(),
            depths: memory(),
            pivots: memory(),
        }
    }

    /// Replaces all interfaces below `cut` m, and the layers below them.
    pub(super) fn draw(
        &mut self,
        target: &Target<'_>,
        earth: &mut Earth,
        cut: f64,
        draws: &mut Draws,
    ) {
        let kept = earth.layer_at(cut);
        let start = self.weigh(target, earth, kept, cut);
        let count = draws.categorical(&self.weights);
        let length = room(target, start, count);
        self.depths.clear();
        self.depths.extend((0..count).map(|_| draws.uniform()));
        self.depths.sort_unstable_by(f64::total_cmp);
        self.condition(target, kept, count);
        earth.keep(kept);
        let pull = pull(target);
        let mut above = earth.log_conductivity()[kept] - target.mean();
        for place in 0..count {
            let gaps = place as f64 * target.least_thickness();
            let depth = start + self.depths[place] * length + gaps;
            let pivot = self.pivots[place];
            above = pull * above / pivot + draws.normal() / pivot.sqrt();
            earth.append(depth, target.mean() + above);
        }
    }

    /// The logarithm of the density of what is below `cut` m, as [`draw`](Self::draw) draws it.
    pub(super) fn log_density(&mut self, target: &Target<'_>, earth: &Earth, cut: f64) -> f64 {
        let kept = earth.layer_at(cut);
        let start = self.weigh(target, earth, kept, cut);
        let count = earth.depth().len() - kept;
        let all: f64 = self.weights.iter().sum();
        let mut log = (self.weights[count] / all).ln();
        let length = room(target, start, count);
        log += (1..=count).map(|i| (i as f64 / length).ln()).sum::<f64>();
        self.condition(target, kept, count);
        let pull = pull(target);
        let pairs = earth.log_conductivity()[kept..].windows(2);
        for (pair, pivot) in pairs.zip(&self.pivots) {
            let [above, here] = [0, 1].map(|place| pair[place] - target.mean());
            let off = here - pull * above / pivot;
            log += 0.5 * ((pivot / TAU).ln() - pivot * off * off);
        }
        log
    }

    /// What each number of interfaces below weighs, given `kept` ones above: the prior of all, over
    /// the density of those below. Returns in m where those below may begin.
    fn weigh(&mut self, target: &Target<'_>, earth: &Earth, kept: usize, cut: f64) -> f64 {
        let above = kept.checked_sub(1).map(|last| earth.depth()[last]);
        let start = above.map_or(target.range()[0], |above| above + target.least_thickness());
        let start = start.max(cut);
        self.logs.clear();
        for count in 0..target.most_layers() - kept {
            let length = room(target, start, count);
            let volume: f64 = (1..=count).map(|i| (length / i as f64).ln()).sum();
            let log = target.log_of_structure(kept + count) + volume;
            self.logs
                .push(if length > 0.0 { log } else { f64::NEG_INFINITY });
        }
        let largest = self.logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        self.weights.clear();
        self.weights
            .extend(self.logs.iter().map(|log| (log - largest).exp()));
        start
    }

    /// The precision of each of `count` layers below `kept` interfaces and their last layer, given
    /// the layer above.
    fn condition(&mut self, target: &Target<'_>, kept: usize, count: usize) {
        let (diagonal, beside) = target.precision();
        let layers = kept + count + 1;
        self.pivots.clear();
        self.pivots.resize(count, 0.0);
        let mut below = 0.0;
        for place in (0..count).rev() {
            let row = kept + 1 + place;
            let neighbours = 1 + usize::from(row + 1 < layers);
            let pivot = diagonal[neighbours] - below;
            self.pivots[place] = pivot;
            below = beside * beside / pivot;
        }
    }
}

/// What a layer is pulled with towards the one above.
fn pull(target: &Target<'_>) -> f64 {
    -target.precision().1
}

/// m: the room of so many interfaces between `start` and the deepest place, less the gaps between
/// them. As long as anything where there is none.
fn room(target: &Target<'_>, start: f64, count: usize) -> f64 {
    let gaps = count.saturating_sub(1) as f64 * target.least_thickness();
    match count {
        0 => f64::INFINITY,
        _ => target.range()[1] - start - gaps,
    }
}
