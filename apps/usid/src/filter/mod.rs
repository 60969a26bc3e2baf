//! Frequency filters on the rows of a main dataset: band passes, noise thresholds, condensed
//! spectra.
//!
//! | room | what is in it |
//! |---|---|
//! | [`FrequencyFilter`], `fir` | the masks, one filter each |
//! | [`Composite`] | several as one mask; what passes; a condensed spectrum expanded again |
//! | [`NoiseFloor`] | the amplitude that noise does not reach |
//! | `spectrum`, `kernel` | a row through its spectrum and back |
//! | [`Filter`] | the process |

mod band;
mod composite;
mod fir;
mod json;
mod kernel;
mod noise;
mod recipe;
mod request;
mod sampling;
mod spectrum;

pub use band::FrequencyFilter;
pub use composite::Composite;
pub use kernel::Filtering;
pub use noise::{NoiseFloor, Residual};
pub use recipe::{Filter, Filtered, Request};
pub use request::parse;
pub use sampling::Sampling;
pub use spectrum::{Buffers, Real};
