//! Trans-dimensional Bayesian inversion of airborne electromagnetic soundings, on any backend.
//!
//! | room | what is in it |
//! |---|---|
//! | [`depths`] | where interfaces may be |
//! | [`earth`] | layers on a half-space, and layers that come and go |
//! | [`options`] | what to invert, with which priors, for how long |
//! | [`model`] | earths to compute responses of, from JSON |
//! | [`evaluations`] | their responses, on any backend |
//! | [`survey`] | soundings, from files of several formats |
//! | [`system`] | systems of transmitter and receivers, and their files |
//! | [`exact`] | chains with the acceptance that the posterior asks for |
//! | [`forward`] | what a system measures over an earth, and the derivatives |
//! | [`instrument`] | the systems of a sounding, where they were |
//! | [`random`] | random numbers keyed by sounding, chain and iteration |
//! | [`likelihood`] | how likely data are |
//! | [`prior`] | how likely an earth is before anything is measured |
//! | [`settings`] | what a chain is asked for |
//! | [`state`] | where a chain is, over which sounding |
//! | [`sampler`] | chains over earths |
//! | [`inference`] | a sounding from its data to its posterior |
//! | [`task`] | from options to soundings that chains can run on |
//! | [`posterior`] | what chains say |
//! | [`statistics`] | what is known of numbers that chains give |
//! | [`results`] | files of results, a line each |
//! | [`products`] | what files of results say |
//! | [`plot`] | figures of results |
//! | [`export`] | products for other programs |
//! | [`simulate`] | data of given earths, and of earths drawn from the priors |
//! | [`truth`] | earths that data were made of |
//! | `cuda` | responses on CUDA devices |
//! | [`run`] | from a survey to files of results, on any backend |

#![deny(unsafe_code)]

mod cholesky;
#[cfg(feature = "cuda")]
mod cuda;
pub mod depths;
pub mod earth;
mod error;
pub mod evaluations;
pub mod exact;
pub mod export;
pub mod forward;
pub mod inference;
pub mod instrument;
pub mod likelihood;
pub mod model;
pub mod options;
pub mod plot;
pub mod posterior;
pub mod prior;
pub mod products;
pub mod random;
pub mod results;
pub mod run;
pub mod sampler;
pub mod settings;
pub mod simulate;
pub mod state;
pub mod statistics;
pub mod survey;
pub mod system;
pub mod task;
pub mod truth;

pub use error::{Error, Result};
