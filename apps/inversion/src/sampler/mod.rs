//! Chains over layered earths whose number of layers changes.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Settings`] | what a chain is asked for |
//! | [`Earth`] | layers that come and go |
//! | [`Event`] | birth, death, and a move of an interface |
//! | [`Newton`] | the distribution that conductivities are drawn from |
//! | [`State`] | an earth, errors, a height, and what follows from them |
//! | [`Chain`] | geobipy's chain, iteration by iteration |
//! | [`run`] | a chain from its start over burn-in to its posterior |
//! | [`replay`] | recorded iterations, derived again |

mod chain;
mod cholesky;
mod earth;
mod event;
mod half_space;
mod newton;
pub mod replay;
mod run;
mod settings;
mod state;

pub use chain::{Chain, Step};
pub use earth::Earth;
pub use event::{Event, Merge};
pub use half_space::best_half_space;
pub use newton::{Local, Newton};
pub use run::{Best, Outcome, run};
pub use settings::{HeightWalk, Level, LevelWalk, Settings};
pub use state::{Sounding, State};
