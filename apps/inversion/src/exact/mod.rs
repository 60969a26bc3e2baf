//! Chains whose states are distributed as the posterior: proper priors, every term of the
//! acceptance ratio, and hotter companions where they are asked for.
//!
//! An iteration proposes one change of the layers or their conductivities, then error levels and
//! the height. Decision 0031 says why these.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Chain`], [`Design`] | a chain and its companions |
//! | [`Target`] | the prior |
//! | [`Term`] | the parts of an acceptance ratio |
//! | `walker` | a chain at one temperature |
//! | `propose`, `balance` | candidates, and how they are weighed |
//! | `levels` | error levels and the height |
//! | `jump` | how one state becomes another |
//! | `structure` | interfaces put in and taken out |
//! | `refresh` | all below a depth, from the prior |
//! | `gaussian`, `mixture` | what is drawn from |

mod balance;
mod chain;
mod design;
mod gaussian;
mod jump;
mod levels;
mod mixture;
mod propose;
mod ratio;
mod refresh;
mod structure;
mod target;
mod walker;

pub use chain::Chain;
pub use design::Design;
pub use ratio::{Ratio, Term};
pub use target::Target;

#[cfg(test)]
mod tests;
