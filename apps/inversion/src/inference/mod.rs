//! A sounding from its data to its posterior: all its chains, and what they found.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Request`] | what is asked of a sounding |
//! | [`infer`] | all chains, one after the other |
//! | [`Quantity`] | numbers that chains give |
//! | [`Found`] | what the chains of a sounding found |
//! | `chain` | a chain from its start over burn-in to its end |
//! | `record` | what is kept of a chain while it goes on |
//! | `summary` | from what was kept to what is known |

mod best;
mod chain;
mod found;
mod infer;
mod quantity;
mod record;
mod request;
mod summary;
mod trace;

pub use best::Best;
pub use found::{ChainFound, Found, QUANTILES, Statistic};
pub use infer::infer;
pub use quantity::Quantity;
pub use request::Request;
pub use trace::Trace;
