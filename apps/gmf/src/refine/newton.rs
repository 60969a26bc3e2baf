//! Uphill to the nearest maximum.

use super::lattice::Lattice;
use super::sounding::{Slope, Sounding};
use crate::parameters::Parameters;

/// Power and derivatives are evaluated at most so many times.
pub(super) const EVALUATIONS: usize = 20;

/// The first steps are no longer than this, in units where one turns the phase at the end of the
/// integration by a turn (see [`Slope`]).
const FIRST_RADIUS: f64 = 0.5;

/// A gain below this part of the power is rounding.
const LEAST_GAIN: f64 = 1e-13;

/// Range rate, acceleration and power of the maximum next to a start: Newton steps within a radius
/// that follows their success, of which only those that gain power are taken. Where the start is
/// not below a summit (the power is not concave there), from the best point of a lattice around it.
pub(super) fn climb(
    sounding: &Sounding,
    range_rate: f64,
    acceleration: f64,
    parameters: &Parameters,
) -> (f64, f64, f64) {
    let (mut v, mut a) = (range_rate, acceleration);
    let mut here = sounding.slope(v, a);
    let mut evaluations = 1;
    if !is_concave(&here) {
        let best = Lattice::around(v, a, parameters).best(sounding);
        if best.2 > here.power {
            (v, a) = (best.0, best.1);
            here = sounding.slope(v, a);
            evaluations += 1;
        }
    }
    let [unit_v, unit_a] = sounding.units();
    let mut radius = FIRST_RADIUS;
    while evaluations < EVALUATIONS {
        let Some([x, y]) = step(&here, radius) else {
            break;
        };
        let there = sounding.slope(v + x * unit_v, a + y * unit_a);
        evaluations += 1;
        let gain = there.power - here.power;
        let success = gain / promised(&here, [x, y]);
        let length = x.hypot(y);
        if success < 0.25 {
            radius = length / 4.0;
        } else if success > 0.75 {
            radius = radius.max(2.0 * length);
        }
        let is_rounding = gain.abs() <= LEAST_GAIN * here.power;
        if gain > 0.0 {
            (v, a, here) = (v + x * unit_v, a + y * unit_a, there);
        }
        if is_rounding {
            break;
        }
    }
    (v, a, here.power)
}

/// The step of at most that length that gains most if every curvature is taken for that of a
/// summit, as sharp as it is: Newton's where it is one and near. `None` where nothing slopes.
fn step(at: &Slope, radius: f64) -> Option<[f64; 2]> {
    let [xx, xy, yy] = at.curvature;
    // The main directions of the curvature, and the curvature along them.
    let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
    let (sin, cos) = angle.sin_cos();
    let (middle, half) = (f64::midpoint(xx, yy), ((xx - yy) / 2.0).hypot(xy));
    let curvature = [middle + half, middle - half].map(f64::abs);
    let [gx, gy] = at.gradient;
    let gradient = [cos * gx + sin * gy, cos * gy - sin * gx];
    let damped = |damping: f64| {
        [
            gradient[0] / (curvature[0] + damping),
            gradient[1] / (curvature[1] + damping),
        ]
    };
    let length = |step: [f64; 2]| step[0].hypot(step[1]);
    let steepness = length(gradient);
    if steepness.is_nan() || steepness <= 0.0 {
        return None;
    }
    // More damping makes it shorter; with this much it is short enough.
    let (mut low, mut high) = (0.0, steepness / radius);
    let is_short = |step| length(step) <= radius;
    if is_short(damped(0.0)) {
        high = 0.0;
    }
    for _ in 0..30 {
        let middle = f64::midpoint(low, high);
        if is_short(damped(middle)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    let [p, q] = damped(high);
    let step = [cos * p - sin * q, sin * p + cos * q];
    step.iter().all(|part| part.is_finite()).then_some(step)
}

/// What a step would gain if the curvature were the same everywhere.
fn promised(at: &Slope, [x, y]: [f64; 2]) -> f64 {
    let [xx, xy, yy] = at.curvature;
    let [gx, gy] = at.gradient;
    gx * x + gy * y + 0.5 * (xx * x * x + 2.0 * xy * x * y + yy * y * y)
}

/// Whether the curvature is that of a summit.
fn is_concave(at: &Slope) -> bool {
    let [xx, xy, yy] = at.curvature;
    f64::midpoint(xx, yy) + ((xx - yy) / 2.0).hypot(xy) < 0.0
}
