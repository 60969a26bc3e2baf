//! Peaks refined at the full sample rate.
//!
//! A search finds the peak of an integration on a grid, from decimated samples. Here its range
//! stays, and range rate `v` and acceleration `a` move to where the matched filter of the
//! undecimated samples,
//!
//! `G(v, a) = |sum_m z_m w_m exp(-2 pi i (v t_m + a t_m^2 / 2) / wavelength)|^2`,
//!
//! has most power: `z` are the received samples of that range, `w` the conjugate transmitted ones
//! over their amplitude, `t` their times from the start of the integration.
//!
//! | file | one idea |
//! |---|---|
//! | `sounding` | the samples, the power and its derivatives |
//! | `newton` | uphill to the nearest maximum |
//! | `lattice` | the best of a small grid |

mod lattice;
mod newton;
mod sounding;

use crate::parameters::{Parameters, SPEED_OF_LIGHT};

use lattice::Lattice;
pub(crate) use sounding::amplitude;
pub use sounding::{Slope, Sounding};

/// How peaks are refined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Optimizer {
    /// Damped Newton steps to the nearest maximum.
    Newton,
    /// The best of 21 x 21 points around the start, which is one of them.
    Grid,
    /// The best of the 20 x 20 points that hardtarget looks at, the start not among them.
    CompatibleGrid,
}

/// Where an integration has its peak.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Refined {
    /// Range in m, range rate in m/s, acceleration in m/s², of the total path.
    pub peak: [f64; 3],
    /// Power there.
    pub power: f64,
}

impl Optimizer {
    /// The name written to files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Newton => "optimize",
            Self::Grid => "optimize-grid",
            Self::CompatibleGrid => "optimize-grid (compat)",
        }
    }

    /// Samples between transmission and reception at that range (m).
    pub fn delay(self, range: f64, parameters: &Parameters) -> usize {
        let samples = range / SPEED_OF_LIGHT * parameters.sample_rate;
        let whole = match self {
            // Rounding may have put the quotient just below a whole number: the gate before.
            Self::CompatibleGrid => samples.floor(),
            _ => samples.round(),
        };
        whole as usize
    }

    /// Refines a peak `[range, range rate, acceleration]`; `sounding` holds the samples of that
    /// range.
    pub fn refine(self, start: [f64; 3], sounding: &Sounding, parameters: &Parameters) -> Refined {
        let [range, v, a] = start;
        let (v, a, power) = match self {
            Self::Newton => newton::climb(sounding, v, a, parameters),
            Self::Grid => Lattice::around(v, a, parameters).best(sounding),
            Self::CompatibleGrid => Lattice::compatible(v, a, parameters).best(sounding),
        };
        Refined {
            peak: [range, v, a],
            power,
        }
    }
}
