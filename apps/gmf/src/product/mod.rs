//! The GMF output file.
//!
//! One file holds some integrations that follow each other: what the search found in each (time,
//! range), the axes it indexes as scales, where the antenna pointed, and every parameter as an
//! attribute. A file appears complete or not at all. What it holds is a `Content`; a `Format`
//! stores it, by default `Hdf5`.

mod attributes;
mod content;
mod cube;
mod describe;
mod devices;
mod digest;
mod earlier;
mod format;
mod hdf5;
mod health;
mod layout;
mod listing;
mod name;
mod optimized;
mod origin;
mod products;
mod read_rows;
mod refined;
mod rows;
mod stored;
mod targets;
mod validate;
mod write;

#[cfg(test)]
mod tests;

use jobwise_kit::Digest;

use crate::clock::Rate;
use crate::experiment::Experiment;
use crate::parameters::Parameters;
use crate::search::Integration;
use crate::settings::Settings;

pub use attributes::Attributes;
pub use content::{Axis, Content, Number, Numbers, Role, Value, Values, Variable};
pub use devices::Devices;
pub use earlier::{Earlier, first_sample, missing_samples};
pub(crate) use format::format_of;
pub use format::{
    Format, Head, Integrity, Kind, Names, Part, Reader, default_format, endings, format_by_ending,
};
pub use hdf5::Hdf5;
pub use health::{healthy, none_left};
pub use layout::Layout;
pub use listing::files;
pub use name::{epoch_unix, file_name, file_path, hour};
pub use optimized::{Optimized, add_optimized, optimized, peaks};
pub use origin::Origin;
pub use products::Products;
pub use read_rows::read_rows;
pub(crate) use refined::optimised_peaks;
pub use rows::{Peak, Rows};
pub(crate) use stored::Stored;
pub(crate) use targets::further_targets;
pub use validate::{Validity, validate};

/// What all files of a run share.
#[derive(Clone, Debug)]
pub struct RunInfo {
    experiment: Experiment,
    settings: Settings,
    parameters: Parameters,
    config_hash: String,
    sample_numbers: bool,
    compression: u8,
    format: &'static dyn Format,
}

impl RunInfo {
    /// Gathers experiment, settings and what follows from them.
    pub fn new(experiment: &Experiment, settings: &Settings, parameters: &Parameters) -> Self {
        Self {
            config_hash: digest::digest(experiment, settings, parameters),
            experiment: experiment.clone(),
            settings: settings.clone(),
            parameters: parameters.clone(),
            sample_numbers: true,
            compression: 0,
            format: default_format(),
        }
    }

    /// Leaves the dataset `sample_numbers` out (`false`) or in (`true`, the default). It only
    /// counts from 0 and is the largest of a file.
    #[must_use]
    pub fn sample_numbers(mut self, written: bool) -> Self {
        self.sample_numbers = written;
        self
    }

    /// Stores vectors and matrices in chunks, shuffled and deflated with this level, 1 to 9; 0 (the
    /// default) stores them as they are, contiguous. How numbers are stored does not belong to the
    /// digest.
    #[must_use]
    pub fn compression(mut self, level: u8) -> Self {
        self.compression = level;
        self
    }

    /// Sets the format of the files, by default HDF5. It does not belong to the digest.
    #[must_use]
    pub fn with_format(mut self, format: &'static dyn Format) -> Self {
        self.format = format;
        self
    }

    /// Names the channels that are analysed: files of other channels do not stand for those of this
    /// run.
    #[must_use]
    pub fn channels(mut self, rx: &str, tx: &str) -> Self {
        self.config_hash = Digest::new("gmf channels")
            .text("configuration", &self.config_hash)
            .text("rx", rx)
            .text("tx", tx)
            .finish();
        self
    }

    /// Digest of everything that determines the numbers in the files: 32 hexadecimal digits.
    pub fn config_hash(&self) -> &str {
        &self.config_hash
    }

    /// The format of the files.
    pub fn format(&self) -> &'static dyn Format {
        self.format
    }

    /// What the search computes with.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }
}

/// The content of one file.
#[derive(Clone, Debug)]
pub struct Product {
    /// Index of its first sample, counted from 1970-01-01T00:00:00 UTC.
    pub start: u64,
    /// Sample rate.
    pub rate: Rate,
    /// The integrations in order of time.
    pub integrations: Vec<Integration>,
    /// Missing samples of every integration.
    pub missing_samples: Vec<i64>,
    /// Azimuth and elevation in degrees of every integration, NaN where unknown; `None` when the
    /// recording has no pointing channel.
    pub pointing: Option<Vec<[f32; 2]>>,
}
