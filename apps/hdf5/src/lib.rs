//! HDF5 beyond the safe bindings: dimension scales, foreign element types, atomic files, rows that
//! survive a kill, changes that are done or not done.

#![deny(unsafe_code)]

pub mod amendment;
pub mod atomic;
pub mod attributes;
#[allow(unsafe_code)]
pub mod chunks;
pub mod collective;
pub mod contiguous;
pub mod coverage;
mod cut;
#[allow(unsafe_code)]
pub mod descriptor;
mod disk;
#[allow(unsafe_code)]
mod driver;
#[allow(unsafe_code)]
pub mod element;
mod error;
pub mod file_access;
mod global_heap;
pub mod lengths;
#[allow(unsafe_code)]
pub mod named;
#[allow(unsafe_code)]
pub mod numbers;
#[allow(unsafe_code)]
pub mod raw_rows;
pub mod row_store;
#[allow(unsafe_code)]
pub mod scales;
pub mod seal;
mod storage;
mod stored;
mod superblock;
pub mod table;
#[allow(unsafe_code)]
pub mod virtuals;
pub mod vlen;
mod written;

pub use cut::Left;
pub use error::{Error, Result};
