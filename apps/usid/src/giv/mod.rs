//! G-IV: resistance and capacitance from current driven by a sinusoidal bias, by Bayesian
//! inference.
//!
//! One period of bias V and current I goes in. The model is `I = V g(V) + C dV/dt + r C V`, with
//! the conductance g on a grid of biases and the capacitance C unknown, `r` known, white noise and
//! Gaussian priors; so the posterior is Gaussian. Each half of the period is one [`Segment`]; both
//! together are a [`Period`].
//!
//! 1. `precision`: the inverse of the posterior covariance, a band with a border, and its Cholesky
//!    factor;
//! 2. `segment`: mean and deviations of the conductance and the capacitance;
//! 3. `random`: numbers that depend on where they are used, never on when or by whom;
//! 4. `resistance`: mean and variance of R = 1/g, by `quadrature` where g is well known, by
//!    sampling elsewhere;
//! 5. `period`: the two directions, and the current without the part that flows through the
//!    capacitance;
//! 6. `recipe`: all rows of a main dataset, as a process.
//!
//! Everything that does not depend on the current is computed once. Units: volt, nanoampere,
//! gigaohm, nanofarad, hertz.

mod model;
mod period;
mod precision;
mod quadrature;
mod random;
mod recipe;
mod resistance;
mod segment;

pub use model::{Model, MomentsFrom, balanced_steps};
pub use period::{Inference, Period, Scratch};
pub use random::Stream;
pub use recipe::{Giv, Inferring, PeriodKernel};
pub use resistance::Moments;
pub use segment::Segment;
