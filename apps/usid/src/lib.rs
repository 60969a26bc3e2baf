//! Image cleaning, signal filters and G-IV inference on USID HDF5 files, on any backend.
//!
//! | room | what is in it |
//! |---|---|
//! | [`clean`] | windows of an image, their components, the image without the rest |
//! | [`format`](mod@format) | USID files: main datasets, dimensions, results groups |
//! | [`inspect`](mod@inspect) | what a file holds, as text |
//! | [`import`] | pictures of other formats as USID files |
//! | [`process`] | the life cycle that all computations share |
//! | [`filter`] | frequency filters |
//! | [`pictures`] | figures of results |
//! | [`simulate`] | files with known content |
//! | [`spectrum`] | amplitude spectra: the smallest process |
//! | [`reshape`] | rows cut into pieces: lines into pixels |
//! | [`units`] | units, and numbers from one to another |
//! | [`giv`] | resistance and capacitance from current under a sinusoidal bias |

#![deny(unsafe_code)]

pub mod clean;
mod error;
mod experiment;
pub mod filter;
pub mod format;
pub mod giv;
mod hash;
pub mod import;
pub mod inspect;
pub mod pictures;
pub mod process;
pub mod reshape;
pub mod simulate;
pub mod spectrum;
pub mod units;
mod warning;

pub use error::{Error, Result};
