//! Where an interface can be put in between others, and what becomes of the layers.

use super::Target;
use super::jump::Fork;
use crate::earth::Earth;

/// Ranges of depth in m, one per gap between interfaces, that a new interface may be in: the upper
/// end, and the logarithm of the lower end over it.
fn free<'a>(target: &'a Target<'_>, depth: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + 'a {
    let [shallow, deep] = target.range();
    let least = target.least_thickness();
    (0..=depth.len()).map(move |gap| {
        let above = gap.checked_sub(1).map(|above| depth[above] + least);
        let from = above.unwrap_or(shallow);
        let to = depth.get(gap).map_or(deep, |below| below - least);
        (from, (to / from).max(1.0).ln())
    })
}

/// How much room there is for a new interface, as a sum of logarithms of depths: shallow ones are
/// drawn more often, as data see them.
fn room(target: &Target<'_>, depth: &[f64]) -> f64 {
    free(target, depth).map(|(_, length)| length).sum()
}

/// A depth in m, so far into the room, from 0 to 1; none where there is no room.
pub(super) fn place(target: &Target<'_>, depth: &[f64], part: f64) -> Option<f64> {
    let mut left = part * room(target, depth);
    let mut last = None;
    for (from, length) in free(target, depth).filter(|(_, length)| *length > 0.0) {
        last = Some(from * left.min(length).exp());
        if left < length {
            break;
        }
        left -= length;
    }
    last
}

/// The logarithm of the density of [`place`] at a depth in m.
pub(super) fn log_of_place(target: &Target<'_>, depth: &[f64], place: f64) -> f64 {
    -(place * room(target, depth)).ln()
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

/// Makes two interfaces of one; the layer between them is that much above the mean ln(S/m) of what
/// is above and below. `logs` is memory.
pub(super) fn fork(earth: &mut Earth, fork: Fork, bulge: f64, logs: &mut Vec<f64>) {
    let upper = fork.interface;
    earth.place(upper, fork.middle - 0.5 * fork.gap);
    earth.split(fork.middle + 0.5 * fork.gap);
    logs.clear();
    logs.extend(earth.log_conductivity());
    logs[upper + 1] = 0.5 * (logs[upper] + logs[upper + 2]) + bulge;
    earth.set_log_conductivity(logs);
}

/// Makes one interface of two: the inverse of [`fork`].
pub(super) fn fuse(earth: &mut Earth, fork: Fork) {
    let above = earth.conductivity()[fork.interface];
    earth.merge(fork.interface, above);
    earth.place(fork.interface, fork.middle);
}

/// How much ln(S/m) of the layer below an interface is above the mean of its neighbours.
pub(super) fn bulge(earth: &Earth, upper: usize) -> f64 {
    let logs = earth.log_conductivity();
    logs[upper + 1] - 0.5 * (logs[upper] + logs[upper + 2])
}

/// How often interfaces are shifted, relative to each other: those that data see more often.
pub(super) fn weights(earth: &Earth) -> impl Iterator<Item = f64> + '_ {
    let logs = earth.log_conductivity().windows(2);
    let depth = earth.depth().iter();
    depth
        .zip(logs)
        .map(|(depth, pair)| (0.1 + (pair[0] - pair[1]).abs()) / depth)
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
