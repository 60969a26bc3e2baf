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
mod compressed;
mod decoder;
mod encoder;
mod error;
mod filled_gaps;
mod flat_map;
mod flat_projection;
mod frame_objects;
mod healpix_map;
mod integers;
mod layout;
mod map;
mod maps;
mod mask;
mod pipeline;
mod quat;
mod samples;
mod sky_map;
mod sparse_map;
mod super_timestream;
mod time;
mod timestream;
mod timestream_map;
mod timestream_quat;
mod timestreams;
mod units;
mod value;
mod vectors;
mod weights;
mod wiring;

pub use blob::Object;
pub use bolometer::{BolometerProperties, Coupling};
pub use error::{Error, Result};
pub use filled_gaps::TooLong;
pub use flat_map::{FlatSkyMap, FlatValues};
pub use flat_projection::{FlatSkyProjection, ProjectionCode};
pub use frame_objects::TimesampleMap;
pub use healpix_map::{HealpixSkyMap, HealpixValues};
pub use integers::store_bits;
pub use map::Map;
pub use mask::SkyMapMask;
pub use pipeline::{ModuleArg, ModuleConfig, PipelineInfo};
pub use quat::Quat;
pub use samples::Samples;
pub use sky_map::{CoordinateReference, MapHeader, PolConvention, PolType};
pub use sparse_map::{Column, SparseMap};
pub use super_timestream::{SuperStorage, SuperTimestream};
pub use time::Time;
pub use timestream::{Compression, Timestream};
pub use timestream_map::TimestreamMap;
pub use timestream_quat::TimestreamQuat;
pub use units::Units;
pub use value::{Class, Value};
pub use vectors::Complex;
pub use weights::SkyMapWeights;
pub use wiring::ChannelMapping;

#[cfg(test)]
mod tests;
