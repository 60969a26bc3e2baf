//! Maps as FITS files: flat ones as images with coordinates, `HEALPix` as binary tables.

mod header;
mod healpix;
mod image;
mod wcs;
mod write;

pub use write::{Exported, write};
