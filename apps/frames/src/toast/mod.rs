//! Observations as TOAST files: HDF5, format version 2, one file per observation, which TOAST 3
//! loads.
//!
//! [`Export`] says what is written, [`Export::write`] reads the scans twice: first to see how much
//! there is, then to write one scan after the other into datasets of that size. So memory holds one
//! scan, and what is known of detectors.
//!
//! TOAST takes rotations that turn the z axis to the line of sight, with the scalar last
//! ([`boresight`], [`detector`]).

mod error;
mod export;
mod file;
mod focalplane;
mod quaternions;
mod scan;
mod survey;
mod telescope;

pub use error::{Error, Result};
pub use export::{Export, Written};
pub use quaternions::{boresight, detector};
pub use telescope::Telescope;
