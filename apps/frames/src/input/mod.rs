//! Frames from files, compressed or not, from pipes and from the network.
//!
//! [`open`] takes a name and gives an [`Input`], an iterator of frames that know their
//! [`Place`](crate::frame::Place). [`Files`] are several inputs, one after the other. Damage, also
//! in compressed data, is an error that names file, frame and offset; it ends the input, unless
//! [`Options::skips_damage`] says otherwise and the lengths of the frame hold.

mod compressed;
mod error;
mod files;
mod form;
mod frames;
mod index;
mod mapped;
mod network;
mod open;
mod options;
#[cfg(test)]
mod tests;
mod verify;

pub use error::{Error, Problem};
pub use files::Files;
pub use form::Form;
pub use frames::{Input, Tally};
pub use index::{Error as IndexError, Index};
pub(crate) use network::{address, listener};
pub(crate) use open::stretch;
pub use open::{check, open};
pub use options::{Access, Options};
pub use verify::{Checks, Found, Report, verify};
