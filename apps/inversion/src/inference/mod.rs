//! A sounding from its data to its posterior: all its chains, and what they found.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Request`] | what is asked of a sounding |
//! | [`infer`] | all chains, one after the other |
//! | [`infer_together`] | all chains of several soundings, step by step |
//! | [`Quantity`] | numbers that chains give |
//! | [`Found`] | what the chains of a sounding found |
//! | [`Asked`] | a response that a chain waits for |
//! | `chain` | a chain from its start over burn-in to its end |
//! | `record` | what is kept of a chain while it goes on |
//! | `summary` | from what was kept to what is known |

mod best;
mod chain;
mod deferred;
mod found;
mod infer;
mod quantity;
mod record;
mod request;
mod summary;
mod together;
mod trace;

pub use best::Best;
pub use deferred::Asked;
pub use found::{ChainFound, Found, QUANTILES, Statistic};
pub use infer::infer;
pub use quantity::Quantity;
pub use record::chain_bytes;
pub use request::Request;
pub use together::{Inferred, infer_together};
pub use trace::Trace;
