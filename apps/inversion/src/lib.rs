//! Trans-dimensional Bayesian inversion of airborne electromagnetic soundings, on any backend.
//!
//! | room | what is in it |
//! |---|---|
//! | [`earth`] | layers on a half-space |
//! | [`options`] | what to invert, with which priors, for how long |
//! | [`model`] | earths to compute responses of, from JSON |
//! | [`survey`] | soundings, from files of several formats |
//! | [`system`] | systems of transmitter and receivers, and their files |
//! | [`forward`] | what a system measures over an earth, and the derivatives |

#![deny(unsafe_code)]

pub mod earth;
mod error;
pub mod forward;
pub mod model;
pub mod options;
pub mod survey;
pub mod system;

pub use error::{Error, Result};
