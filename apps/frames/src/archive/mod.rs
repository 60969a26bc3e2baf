//! The binary form of values: numbers, texts, versions of classes, pointers.
//!
//! An archive is one byte that tells the order of bytes, and then values without padding. It says
//! the version of a class once, where the class first occurs, and the name of a class once, at the
//! first pointer to one of its objects. Each frame is an archive, and each object in it.
//!
//! [`Reader`] knows how many bytes are left, and checks every length against them before anything
//! is allocated.

mod element;
mod error;
mod pointer;
mod reader;
mod text;
mod writer;

pub use element::Element;
pub use error::{Error, Problem, Result};
pub use pointer::Pointer;
pub use reader::Reader;
pub use text::Text;
pub use writer::Writer;

#[cfg(test)]
mod tests;
