//! Digital Metadata: values attached to sample indices.
//!
//! A metadata channel is a directory of HDF5 files, each holding one group per sample index, named
//! by the decimal index; a group holds one scalar dataset per field, possibly in nested groups:
//!
//! ```text
//! channel/dmd_properties.h5
//! channel/YYYY-MM-DDTHH-MM-SS/<file name>@<seconds>.h5
//! ```
//!
//! Indices sort as numbers, whatever their number of digits. Nothing is ever deleted.

mod metadata;
mod properties;
mod writer;

pub use jobwise_hdf5::attributes::Value;
pub use metadata::{Entry, Metadata};
pub use properties::MetadataProperties;
pub use writer::MetadataWriter;
