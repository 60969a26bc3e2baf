//! Chains over layered earths whose number of layers changes.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Event`] | birth, death, and a move of an interface |
//! | [`Newton`] | the distribution that conductivities are drawn from |
//! | [`Chain`] | geobipy's chain, iteration by iteration |
//! | [`Walk`] | a chain of any mode |
//! | [`replay`] | recorded iterations, derived again |

mod chain;
mod event;
mod half_space;
mod newton;
pub mod replay;
mod walk;

pub use chain::{Chain, Step};
pub use event::{Event, Merge};
pub use half_space::best_half_space;
pub use newton::{Local, Newton};
pub use walk::{Acceptance, Move, Position, Walk};
