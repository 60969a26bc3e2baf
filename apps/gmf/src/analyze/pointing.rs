//! Where the antenna pointed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jobwise_kit::Inputs;

use crate::Result;
use crate::clock::Rate;
use crate::dmd::{Entry, Metadata, Value};

/// The name of the metadata channel that tells.
const CHANNEL: &str = "pointing";

/// The pointing channel of a recording.
#[derive(Debug)]
pub(super) struct Pointing {
    directory: PathBuf,
    metadata: Metadata,
    rate: Rate,
    inputs: Arc<Inputs>,
}

impl Pointing {
    /// Opens the pointing channel, if the recording has one. `rate` is that of the samples. One
    /// that cannot be used is passed over if `inputs` says so, and so are files of it.
    pub(super) fn open(
        recording: &Path,
        rate: Rate,
        inputs: &Arc<Inputs>,
    ) -> Result<Option<Pointing>> {
        let directory = recording.join(CHANNEL);
        if !directory.is_dir() {
            return Ok(None);
        }
        match Metadata::open(&directory) {
            Ok(metadata) => Ok(Some(Pointing {
                directory,
                metadata,
                rate,
                inputs: Arc::clone(inputs),
            })),
            Err(error) => {
                inputs.pass_over(&directory, error)?;
                Ok(None)
            }
        }
    }

    /// Azimuth and elevation in degrees at a sample: those of the metadata entry whose interval
    /// holds it; NaN where there is none.
    pub(super) fn direction(&self, sample: u64) -> Result<[f32; 2]> {
        let metadata = self.metadata.properties().rate;
        // floor(sample / rate * metadata rate), in integers.
        let index = u128::from(sample)
            * u128::from(self.rate.denominator())
            * u128::from(metadata.numerator())
            / (u128::from(self.rate.numerator()) * u128::from(metadata.denominator()));
        let Ok(index) = u64::try_from(index) else {
            return Ok([f32::NAN; 2]);
        };
        let entries = match self.metadata.range(index..=index) {
            Ok(entries) => entries,
            Err(error) => {
                let path = error.path().unwrap_or(&self.directory).to_path_buf();
                self.inputs.pass_over(&path, error)?;
                return Ok([f32::NAN; 2]);
            }
        };
        let entry = entries.first().map(|(_, entry)| entry);
        Ok(["azimuth", "elevation"].map(|field| {
            entry
                .and_then(|entry| degrees(entry, field))
                .unwrap_or(f32::NAN)
        }))
    }
}

fn degrees(entry: &Entry, field: &str) -> Option<f32> {
    match entry.get(field)? {
        Value::Float(degrees) => Some(*degrees as f32),
        _ => None,
    }
}
