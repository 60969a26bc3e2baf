//! Image cleaning, signal filters and G-IV inference on USID HDF5 files, on any backend.
//!
//! | room | what is in it |
//! |---|---|

#![forbid(unsafe_code)]

mod error;

pub use error::{Error, Result};
