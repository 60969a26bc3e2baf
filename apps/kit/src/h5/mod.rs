//! HDF5 beyond the safe bindings: dimension scales, foreign element types, atomic files, rows that survive a kill, changes that are done or not done.

pub mod atomic;
pub mod atomic_directory;
pub mod attributes;
#[allow(unsafe_code)]
pub mod element;
mod error;
#[allow(unsafe_code)]
pub mod raw_rows;
pub mod rows;
#[allow(unsafe_code)]
pub mod scales;
pub mod together;
pub mod unlocked;
pub mod writable;

pub use error::{Error, Result};
