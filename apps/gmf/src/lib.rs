//! Matched-filter analysis of radar recordings.

#![deny(unsafe_code)] // not forbid: derived HDF5 types allow it for themselves

pub mod analyze;
pub mod clock;
pub mod convert;
#[cfg(feature = "cuda")]
pub mod cuda;
pub mod detection;
mod digest;
pub mod dmd;
pub mod download;
pub mod drf;
mod error;
pub mod experiment;
mod ini;
pub mod inspect;
pub mod mat;
pub mod parameters;
pub mod pictures;
pub mod product;
mod pulses;
pub mod range_gates;
pub mod refine;
pub mod search;
pub mod settings;
pub mod simulate;
pub mod units;

pub use error::{Error, Result};
pub use pulses::PulseOrigin;
