//! The GMF output file.
//!
//! One HDF5 file holds the integrations of one task: what the search found in each (time, range),
//! the axes it indexes as dimension scales, where the antenna pointed, and every parameter as an
//! attribute. Datasets are little-endian, and contiguous unless compression is asked for. A file
//! appears complete or not at all.

mod attributes;
mod content;
mod cube;
mod describe;
mod digest;
mod earlier;
mod health;
mod layout;
mod listing;
mod name;
mod optimized;
mod origin;
mod read;
mod read_rows;
mod storage;
mod targets;
mod validate;
mod write;

use jobwise_kit::Digest;

use crate::clock::Rate;
use crate::experiment::Experiment;
use crate::parameters::Parameters;
use crate::search::Integration;
use crate::settings::Settings;

pub(crate) use describe::FIRST_SAMPLE;
pub use earlier::{Earlier, missing_samples};
pub use health::{healthy, none_left};
pub use layout::Layout;
pub(crate) use layout::column;
pub use listing::files;
pub use name::{epoch_unix, file_name, file_path};
pub use optimized::{Optimized, add_optimized, optimized, peaks};
pub use origin::Origin;
pub use read::{Peak, Products, Rows};
pub use read_rows::read_rows;
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
