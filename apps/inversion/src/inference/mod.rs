//! A sounding from its data to its posterior: all its chains, and what they found.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Found`] | what the chains of a sounding found |

mod found;

pub use found::{ChainFound, Found, QUANTILES, Quantity, Statistic, Trace};
