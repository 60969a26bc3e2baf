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
//! | `properties`, `told` | what holds for a whole channel, the file that says it, and how ranks tell it each other |
//! | `cadence` | which sample lies in which file, exactly |
//! | `listing` | what lies in a channel's directories |
//! | `file_runs` | which files a channel has, in few words |
//! | `data_file` | one file of samples: checked once, then read in windows |
//! | `cut` | what is left of a file that was cut |
//! | `channel` | the samples of a channel, wherever they lie |
//! | `extent` | where the samples of a channel begin, end and pause |
//! | `padding` | what was never recorded inside padded files |
//! | `stretches` | where they may lie, by the names of the files: bounded by the files, not by the time they span |
//! | `lacking` | what a window lacks, and why |
//! | `state` | whether files have changed |
//! | `tail` | the end of a channel that is being written |
//! | `front` | up to where its files have arrived |
//! | `watched` | whether a directory may hold new names |
//! | `writer` | appends samples to a channel |
//! | `open_file` | the file that a writer fills |
//!
//! Samples that were never recorded are *missing*: the gaps that a file's index shows, the
//! intervals without a file, and the padding of files that span their whole interval (those with
//! contiguous storage). The format does not say where padding lies: it has the dataset's fill
//! value, which is NaN for floats, the lowest number for signed and 0 for unsigned integers, and
//! these are numbers that a receiver may deliver. Fill values at the ends of such a file, and 256
//! or more in a row inside it, count as padding; shorter runs inside are samples, and are counted
//! ([`Lacking::like_fill`]).
//!
//! Samples that cannot be computed with, NaN and infinite ones, are missing too when they are read
//! as 32-bit floats.

mod cadence;
mod channel;
mod cut;
mod data_file;
mod extent;
mod file_runs;
mod front;
mod lacking;
mod listing;
mod open_file;
mod padding;
mod properties;
mod recording;
mod state;
mod stretches;
mod tail;
mod told;
mod watched;
mod writer;

pub use cadence::Cadence;
pub use channel::{Channel, OPEN_FILES};
pub use data_file::CHUNK_CACHE;
pub use extent::Block;
pub(crate) use file_runs::FileRuns;
pub use jobwise_hdf5::element::{Element, ElementType, Kind, Order};
pub use lacking::Lacking;
pub use padding::Padding;
pub use properties::Properties;
pub use recording::{Recording, is_begun};
pub use tail::Tail;
pub use writer::{Writer, WriterOptions};
