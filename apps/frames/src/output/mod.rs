//! Frames into files.
//!
//! A [`Writer`] makes a file that appears complete or not at all; its name says how it is
//! compressed. [`Writer::append`] adds frames to a plain file.

mod compressor;
mod error;
#[cfg(test)]
mod tests;
mod writer;

pub use error::Error;
pub use writer::Writer;
