//! Digital RF: recordings of sampled voltages.
//!
//! A recording is a directory of channels; a channel is a directory of HDF5 files, each holding the
//! samples of a fixed interval of time:
//!
//! ```text
//! recording/channel/drf_properties.h5
//! recording/channel/YYYY-MM-DDTHH-MM-SS/rf@<seconds>.<milliseconds>.h5
//! ```
//!
//! | file | one idea |
//! |---|---|
//! | `recording` | the channels of a directory |
//! | `properties` | what holds for a whole channel, and the file that says it |
//! | `cadence` | which sample lies in which file, exactly |
//! | `listing` | what lies in a channel's directories |
//! | `data_file` | one file of samples: checked once, then read in windows |
//! | `channel` | the samples of a channel, wherever they lie |
//! | `extent` | where the samples of a channel begin, end and pause |
//! | `tail` | the end of a channel that is being written |
//! | `front` | up to where its files have arrived |
//! | `watched` | whether a directory may hold new names |
//! | `writer` | appends samples to a channel |
//! | `open_file` | the file that a writer fills |
//!
//! Samples that were never recorded are *missing*. They are the gaps that a file's index shows, the
//! intervals without a file, and, in files padded to their full interval (those with contiguous
//! storage), samples that equal the dataset's fill value in both parts. Unsigned data are padded
//! with 0, so there a genuine 0 counts as missing too: the format cannot tell them apart.

mod cadence;
mod channel;
mod data_file;
mod extent;
mod front;
mod listing;
mod open_file;
mod properties;
mod recording;
mod tail;
mod watched;
mod writer;

pub use cadence::Cadence;
pub use channel::{Channel, OPEN_FILES};
pub use data_file::CHUNK_CACHE;
pub use extent::Block;
pub use jobwise_kit::h5::element::{Element, ElementType, Kind, Order};
pub use properties::Properties;
pub use recording::{Recording, is_begun};
pub use tail::Tail;
pub use writer::{Writer, WriterOptions};
