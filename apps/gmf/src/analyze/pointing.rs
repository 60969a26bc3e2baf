//! Where the antenna pointed.

use std::path::Path;

use crate::Result;
use crate::clock::Rate;
use crate::dmd::{Entry, Metadata, Value};

/// The name of the metadata channel that tells.
const CHANNEL: &str = "pointing";

/// The pointing channel of a recording.
#[derive(Debug)]
pub(super) struct Pointing {
    metadata: Metadata,
    rate: Rate,
}

impl Pointing {
    /// Opens the pointing channel, if the recording has one. `rate` is that of the samples.
    pub(super) fn open(recording: &Path, rate: Rate) -> Result<Option<Pointing>> {
        let directory = recording.join(CHANNEL);
        if !directory.is_dir() {
            return Ok(None);
        }
        let metadata = Metadata::open(directory)?;
        Ok(Some(Pointing { metadata, rate }))
    }

    /// Azimuth and elevation in degrees at a sample: those of the metadata entry whose interval holds it; NaN
    /// where there is none.
    pub(super) fn at(&self, sample: u64) -> Result<[f32; 2]> {
        let metadata = self.metadata.properties().rate;
        // floor(sample / rate * metadata rate), in integers.
        let index = u128::from(sample)
            * u128::from(self.rate.denominator())
            * u128::from(metadata.numerator())
            / (u128::from(self.rate.numerator()) * u128::from(metadata.denominator()));
        let Ok(index) = u64::try_from(index) else {
            return Ok([f32::NAN; 2]);
        };
        let entries = self.metadata.range(index..=index)?;
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
