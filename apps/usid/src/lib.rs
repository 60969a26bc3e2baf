//! Image cleaning, signal filters and G-IV inference on USID HDF5 files, on any backend.
//!
//! | room | what is in it |
//! |---|---|
//! | [`clean`] | windows of an image, their components, the image without the rest |

#![forbid(unsafe_code)]

pub mod clean;
mod error;

pub use error::{Error, Result};
