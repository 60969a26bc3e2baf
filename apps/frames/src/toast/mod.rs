//! Observations as TOAST files: HDF5, format version 2, one file per observation, which TOAST 3
//! loads.
//!
//! [`Export`] says what is written, [`Export::write`] goes through the scans of a [`Source`] twice:
//! first to see how much there is, then to write one scan after the other into datasets of that
//! size. So memory holds one scan, and what is known of detectors. Scans of files are read
//! ([`Files`]); those that pipelines have changed are kept by an accumulator ([`scans`]), and
//! written by [`Accumulated::to_hdf5`](crate::accumulate::Accumulated::to_hdf5).
//!
//! TOAST takes rotations that turn the z axis to the line of sight, with the scalar last
//! ([`boresight`], [`detector`]).

mod accumulated;
mod error;
mod export;
mod file;
mod focalplane;
mod quaternions;
mod scan;
mod source;
mod survey;
mod telescope;

pub use accumulated::{Observed, scans};
pub use error::{Error, Result};
pub use export::{Export, Written};
pub use quaternions::{boresight, detector};
pub use source::{Files, Source};
pub use telescope::Telescope;
