//! The classes of objects.
//!
//! An [`Object`] is the bytes that it had in a file, or a [`Value`], or both: it is decoded when
//! somebody asks for the value, once. `Value` has a case per class. One file per class, or per
//! family of classes, says what the Rust type is, how each version is read and how the newest is
//! written. A new class is a file, and a line in the table of `value`.
//!
//! ```
//! use jobwise_frames::object::{Map, Object};
//!
//! let weights: Map<f64> = [("a", 1.5), ("b", 2.0)].into_iter().collect();
//! let object = Object::new(weights);
//! let same = Object::from_blob(object.blob()?);
//! assert_eq!(same.class()?, "G3MapDouble");
//! assert_eq!(same.get::<Map<f64>>()?.get("b"), Some(&2.0));
//! # Ok::<(), jobwise_frames::object::Error>(())
//! ```

mod blob;
mod bolometer;
pub mod channel_block;
mod decoder;
mod encoder;
mod error;
mod frame_objects;
mod integers;
mod layout;
mod map;
mod maps;
mod pipeline;
mod quat;
mod time;
mod value;
mod vectors;
mod wiring;

pub use blob::Object;
pub use bolometer::{BolometerProperties, Coupling};
pub use error::{Error, Result};
pub use frame_objects::TimesampleMap;
pub use integers::store_bits;
pub use map::Map;
pub use pipeline::{ModuleArg, ModuleConfig, PipelineInfo};
pub use quat::Quat;
pub use time::Time;
pub use value::{Class, Value};
pub use vectors::Complex;
pub use wiring::ChannelMapping;

#[cfg(test)]
mod tests;
