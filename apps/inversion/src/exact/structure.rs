//! Where an interface can be put in between others, and what becomes of the layers.

use super::Target;
use crate::earth::Earth;

/// Ranges of depth in m, one per gap between interfaces, that a new interface may be in. Empty ones
/// have no length.
fn free<'a>(target: &'a Target<'_>, depth: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + 'a {
    let [shallow, deep] = target.range();
    let least = target.least_thickness();
    (0..=depth.len()).map(move |gap| {
        let from = if gap == 0 {
            shallow
        } else {
            depth[gap - 1] + least
        };
        let to = depth.get(gap).map_or(deep, |below| below - least);
        (from, (to - from).max(0.0))
    })
}

/// m: how much room there is for a new interface.
pub(super) fn room(target: &Target<'_>, depth: &[f64]) -> f64 {
    free(target, depth).map(|(_, length)| length).sum()
}

/// A depth, so far into the room, from 0 to 1; none where there is no room.
pub(super) fn place(target: &Target<'_>, depth: &[f64], part: f64) -> Option<f64> {
    let all = room(target, depth);
    if all <= 0.0 {
        return None;
    }
    let mut left = part * all;
    let mut last = None;
    for (from, length) in free(target, depth) {
        if left < length {
            return Some(from + left);
        }
        if length > 0.0 {
            last = Some(from + length);
        }
        left -= length;
    }
    last
}

/// The part that the upper one of two layers weighs in their mean, by its thickness. A half-space
/// counts as thick as it is deep.
fn weight(earth: &Earth, interface: usize) -> f64 {
    let depth = earth.depth();
    let top = if interface == 0 {
        0.0
    } else {
        depth[interface - 1]
    };
    let here = depth[interface];
    let lower = depth.get(interface + 1).map_or(here, |below| below - here);
    (here - top) / (here - top + lower)
}

/// The difference of ln(S/m) across an interface, the upper side less the lower one.
pub(super) fn difference(earth: &Earth, interface: usize) -> f64 {
    let logs = earth.log_conductivity();
    logs[interface] - logs[interface + 1]
}

/// Takes an interface out; the layer that is left has the weighted mean of the two ln(S/m).
pub(super) fn join(earth: &mut Earth, interface: usize) {
    let upper = weight(earth, interface);
    let logs = earth.log_conductivity();
    let mean = upper * logs[interface] + (1.0 - upper) * logs[interface + 1];
    earth.merge(interface, mean.exp());
}

/// Puts an interface in at a depth in m, with this difference across it and the weighted mean as
/// before, so that [`join`] is the inverse; the derivatives of one by the other have the
/// determinant 1. Returns the interface. `logs` is memory.
pub(super) fn split(earth: &mut Earth, depth: f64, difference: f64, logs: &mut Vec<f64>) -> usize {
    let interface = earth.layer_at(depth);
    earth.split(depth);
    let upper = weight(earth, interface);
    logs.clear();
    logs.extend(earth.log_conductivity());
    logs[interface] += (1.0 - upper) * difference;
    logs[interface + 1] -= upper * difference;
    earth.set_log_conductivity(logs);
    interface
}
