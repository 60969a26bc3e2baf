//! Frames: names and objects, their bytes, checksum and digest.
//!
//! ```
//! use jobwise_frames::frame::{Frame, FrameType};
//!
//! let mut frame = Frame::new(FrameType::SCAN);
//! frame.put("ScanNumber", 7i64);
//! let bytes = frame.to_bytes()?;
//! let (same, end) = Frame::parse(&bytes, 0).unwrap();
//! assert_eq!(end, bytes.len());
//! assert_eq!(same.get_as::<i64>("ScanNumber")?, &7);
//! # Ok::<(), jobwise_frames::frame::Error>(())
//! ```

mod checksum;
mod damage;
mod digest;
mod entries;
mod error;
mod frame_type;
mod parse;
mod place;
mod read;
mod write;

pub use damage::{Damage, Problem};
pub use digest::Digest;
pub use entries::Frame;
pub use error::{Error, Result};
pub use frame_type::FrameType;
pub use place::Place;
pub use read::LONGEST_IN_STREAM;
pub use write::Huge;

#[cfg(test)]
mod tests;
