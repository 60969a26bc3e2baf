//! Frames into files.
//!
//! A [`Writer`] makes a file that appears complete or not at all; its name says how it is
//! compressed. [`Writer::append`] adds frames to a plain file, and [`Parts`] are several files.

mod compressor;
mod error;
mod parts;
mod pattern;
mod recompressed;
#[cfg(test)]
mod tests;
mod writer;

pub use error::Error;
pub use parts::{Division, Parts};
pub use recompressed::{Recompress, Recompressed, recompressed};
pub use writer::Writer;
