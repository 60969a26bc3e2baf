//! Uphill to the nearest maximum.

use super::lattice::Lattice;
use super::sounding::{Slope, Sounding};
use crate::parameters::Parameters;

/// Power and derivatives are evaluated at most so many times.
pub(super) const EVALUATIONS: usize = 20;

/// The longest step, in units where one turns the phase at the end of the integration by a turn (see [`Slope`]).
const LONGEST: f64 = 1.0;

/// A relative gain below this is rounding.
const LEAST_GAIN: f64 = 1e-13;

/// Range rate, acceleration and power of the maximum next to a start: damped Newton steps, of which only those that gain power are
/// taken. Where the start is not below a summit (the power is not concave there), from the best point of a lattice around it.
pub(super) fn climb(
    sounding: &Sounding,
    range_rate: f64,
    acceleration: f64,
    parameters: &Parameters,
) -> (f64, f64, f64) {
    let (mut v, mut a) = (range_rate, acceleration);
    let mut here = sounding.slope(v, a);
    let mut evaluations = 1;
    if damping_needed(&here) > 0.0 {
        let best = Lattice::around(v, a, parameters).best(sounding);
        if best.2 > here.power {
            (v, a) = (best.0, best.1);
            here = sounding.slope(v, a);
            evaluations += 1;
        }
    }
    let [unit_v, unit_a] = sounding.units();
    let mut damping = 0.0;
    while evaluations < EVALUATIONS {
        let Some([x, y]) = step(&here, damping) else {
            break;
        };
        let there = sounding.slope(v + x * unit_v, a + y * unit_a);
        evaluations += 1;
        let gain = there.power - here.power;
        if gain > 0.0 {
            (v, a, here) = (v + x * unit_v, a + y * unit_a, there);
            damping /= 8.0;
        } else {
            damping = (8.0 * damping).max(size(&here));
        }
        if gain.abs() <= LEAST_GAIN * here.power {
            break;
        }
    }
    (v, a, here.power)
}

/// The damped Newton step: `(damping - curvature) step = gradient`, of bounded length. `None` where nothing slopes.
fn step(at: &Slope, damping: f64) -> Option<[f64; 2]> {
    let damping = damping + damping_needed(at);
    let [xx, xy, yy] = at.curvature;
    let (p, q, r) = (damping - xx, -xy, damping - yy);
    let determinant = p * r - q * q;
    let [gx, gy] = at.gradient;
    let (x, y) = (
        (r * gx - q * gy) / determinant,
        (p * gy - q * gx) / determinant,
    );
    let length = x.hypot(y);
    let shorter = (LONGEST / length).min(1.0);
    (length.is_finite() && length > 0.0).then_some([x * shorter, y * shorter])
}

/// What must be taken from the curvature so that it is that of a summit; 0 where it is.
fn damping_needed(at: &Slope) -> f64 {
    let [xx, xy, yy] = at.curvature;
    let largest = f64::midpoint(xx, yy) + ((xx - yy) / 2.0).hypot(xy);
    // As sharp a summit as the rest of the curvature allows.
    if largest < 0.0 {
        0.0
    } else {
        largest + 0.1 * size(at)
    }
}

/// Size of the curvature.
fn size(at: &Slope) -> f64 {
    let [xx, xy, yy] = at.curvature;
    (xx * xx + 2.0 * xy * xy + yy * yy).sqrt()
}
