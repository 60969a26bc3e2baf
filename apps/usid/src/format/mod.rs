//! The USID format: main datasets, what their rows and columns are, results groups.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Main`] | a main dataset, read and checked |
//! | [`Dimension`] | an axis |
//! | [`Element`] | what a cell holds, to and from real numbers |
//! | [`Value`] | attributes |
//! | [`NewMain`], [`Axis`] | a main dataset to be |
//! | [`results`] | results groups: names, search, creation |
//! | [`Bookkeeping`] | who wrote what, when |

mod bookkeeping;
mod chunks;
mod create;
mod dimension;
mod element;
mod main_dataset;
pub mod results;
mod value;

pub use bookkeeping::{BOOKKEEPING, Bookkeeping};
pub use chunks::compatible_chunks;
pub use create::{Axis, NewMain, Side, Storage};
pub use dimension::Dimension;
pub use element::{Element, Scalar};
pub use main_dataset::{Ancillary, Main, mains};
pub use value::{Value, attributes};
