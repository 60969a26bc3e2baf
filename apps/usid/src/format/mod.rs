//! The USID format: main datasets, what their rows and columns are, results groups.
//!
//! A main dataset is a matrix: a row for each position, a column for each spectroscopic value. Four
//! ancillary datasets, to which it refers by attributes, give the index and the value of every row
//! and column along every dimension.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Main`], [`mains`] | a main dataset, checked and read; all of a file |
//! | [`Image`] | a main dataset that is a picture |
//! | [`Dimension`] | one dimension of the rows or of the columns |
//! | [`Element`], [`Scalar`], [`Losses`] | what a cell holds, to and from real numbers, and what that costs |
//! | [`SourceRows`] | the rows of a main dataset, as they are read |
//! | [`Value`], [`attributes`] | attributes |
//! | [`NewMain`], [`Axis`] | a main dataset to be |
//! | [`results`] | results groups: names, search, creation |
//! | [`Bookkeeping`] | who wrote what, when |
//! | [`Walk`] | every object of a file, once |

mod absent;
mod axis;
mod believable;
mod bookkeeping;
mod check;
mod chunks;
mod dimension;
mod element;
mod failed;
mod grid;
mod image;
mod losses;
mod main_dataset;
mod new_main;
mod reference;
pub mod results;
mod scalar;
mod source_rows;
mod sources;
mod value;
mod walk;

pub(crate) use absent::Absent;
pub use axis::{Axis, Side};
pub(crate) use believable::{INFLATION, UNWRITTEN, believable};
pub use bookkeeping::{BOOKKEEPING, Bookkeeping};
pub use check::Ancillary;
pub use chunks::compatible_chunks;
pub use dimension::{Dimension, Spacing};
pub use element::Element;
pub use image::Image;
pub use losses::Losses;
pub use main_dataset::Main;
pub use new_main::{NewMain, Storage};
pub use scalar::Scalar;
pub use source_rows::SourceRows;
pub(crate) use sources::is_meant;
pub use sources::{choose, mains};
pub use value::{Value, attributes};
pub use walk::{Member, Walk, members};
