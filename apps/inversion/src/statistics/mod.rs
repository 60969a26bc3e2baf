//! What is known of numbers that chains give, from memory that does not grow with their length.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Series`] | all that is kept of one quantity of one chain |
//! | `samples` | some of its values, evenly spaced |
//! | `batches` | means over all of its values |
//! | [`effective`] | how many independent samples several chains are worth |
//! | [`scale_reduction`] | whether chains agree |
//! | [`quantiles`] | values below which parts of all samples are |
//!
//! A quantity that never changed has neither effective samples nor a scale reduction: both are not
//! a number.

mod batches;
mod effective;
mod normal;
mod quantiles;
mod samples;
mod scale_reduction;
mod series;

pub use effective::effective;
pub use quantiles::quantiles;
pub use scale_reduction::scale_reduction;
pub use series::Series;
