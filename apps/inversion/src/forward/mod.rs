//! What a system of transmitter and receivers measures over a layered earth, and how that changes
//! with the earth.
//!
//! | room | what is in it |
//! |---|---|
//! | `hankel` | digital filters for Hankel transforms |
//! | `lanes` | complex numbers and elementary functions, one Hankel node per lane |
//! | `recursion` | the reflection of a layered earth, and its derivatives |
//! | `tables` | what a CUDA device needs of a system |
//! | [`FrequencyDomain`] | in-phase and quadrature, in ppm of the primary field |
//! | [`TimeDomain`] | the secondary field in windows after the current has changed |
//! | [`Responder`] | what computes the responses that a chain asks for |

mod floats;
mod frequency;
mod hankel;
mod lanes;
mod recursion;
mod responder;
#[cfg(feature = "cuda")]
mod tables;
mod time;

use crate::earth::with_memory;

pub use frequency::{FrequencyDomain, Workspace as FrequencyWorkspace};
pub use responder::{Responder, at_once};
pub use time::{Geometry, TimeDomain, Workspace as TimeWorkspace};

/// The vacuum permeability in H/m.
const MU_0: f64 = 4e-7 * std::f64::consts::PI;
/// The speed of light in m/s.
const LIGHT: f64 = 299_792_458.0;

/// Which derivative by the logarithm of a conductivity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    /// The derivative.
    Correct,
    /// What geobipy 2.3.2 computes in its place, to reproduce its chains: one term is wrong, by the
    /// more the thinner a layer is.
    Peer,
}

/// What is computed beside the values.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Derivatives by the natural logarithms of the conductivities.
    pub jacobian: Option<Formula>,
    /// Derivatives by the height of the sensor.
    pub height: bool,
}

/// Only derivatives by conductivities.
impl From<Option<Formula>> for Wanted {
    fn from(jacobian: Option<Formula>) -> Wanted {
        Wanted {
            jacobian,
            height: false,
        }
    }
}

/// The answer of the earth. Buffers are reused from one call to the next; a clone has as much
/// memory.
#[derive(Debug, Default)]
pub struct Response {
    /// One value per channel.
    pub predicted: Vec<f64>,
    /// Channel by channel, the derivatives by `ln(conductivity)` of each layer; empty where none
    /// were wanted.
    pub jacobian: Vec<f64>,
    /// Channel by channel, the derivative by the height in m; empty where it was not wanted.
    pub by_height: Vec<f64>,
}

impl Clone for Response {
    fn clone(&self) -> Response {
        Response {
            predicted: with_memory(&self.predicted),
            jacobian: with_memory(&self.jacobian),
            by_height: with_memory(&self.by_height),
        }
    }
}
