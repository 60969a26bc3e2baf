//! Maps from timestreams, and sums of maps.
//!
//! A map is a record of numbers per pixel: the layers. What one scan adds is a [`Contribution`],
//! made by a [`Binner`] on the lane that has the scan. A [`Sum`] of contributions depends on their
//! order, and on nothing else: sums of the same scans in the same order have the same bits.
//!
//! Only what is touched is kept, in tiles of 256 pixels. What falls outside of a map has a record
//! of its own behind those of the pixels, as the files have it.

mod binner;
mod binning;
mod coadd;
mod contribution;
mod error;
mod layer;
mod pixels;
mod polarization;
mod response;
mod stored;
mod sum;
mod tiles;
mod weights;
mod worker;

pub use binner::Binner;
pub use binning::{Binning, Scratch};
pub use coadd::Coadd;
pub use contribution::Contribution;
pub use error::{Error, Result};
pub use layer::Layer;
pub use polarization::Polarization;
pub use response::Response;
pub use stored::StoredMap;
pub use sum::Sum;
pub use weights::{Weights, condition};
pub use worker::ScanWorker;

#[cfg(test)]
mod tests;
