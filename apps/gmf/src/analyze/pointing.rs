//! Where the antenna pointed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jobwise_kit::Inputs;

use crate::clock::Rate;
use crate::dmd::{Metadata, MetadataProperties, Value};
use crate::{Error, Result};

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
        let properties = Pointing::properties(recording, inputs)?;
        Ok(properties.map(|told| Pointing::described(recording, told, rate, inputs)))
    }

    /// The properties of the pointing channel, if the recording has one that can be used.
    pub(super) fn properties(
        recording: &Path,
        inputs: &Inputs,
    ) -> Result<Option<MetadataProperties>> {
        let directory = recording.join(CHANNEL);
        if !directory.is_dir() {
            return Ok(None);
        }
        match MetadataProperties::read(&directory) {
            Ok(properties) => Ok(Some(properties)),
            Err(error) => inputs.pass_over(&directory, error).map(|()| None),
        }
    }

    /// The pointing channel of a recording, with its properties.
    pub(super) fn described(
        recording: &Path,
        properties: MetadataProperties,
        rate: Rate,
        inputs: &Arc<Inputs>,
    ) -> Pointing {
        let directory = recording.join(CHANNEL);
        Pointing {
            metadata: Metadata::described(&directory, properties),
            directory,
            rate,
            inputs: Arc::clone(inputs),
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
        let Some((_, entry)) = entries.first() else {
            return Ok([f32::NAN; 2]);
        };
        let mut angles = [f32::NAN; 2];
        for (angle, field) in angles.iter_mut().zip(["azimuth", "elevation"]) {
            match entry.get(field).map(degrees) {
                Some(Some(degrees)) => *angle = degrees,
                Some(None) => {
                    let path = self.directory.join(field);
                    let told = format!("{}: is no number of degrees at {index}", path.display());
                    self.inputs.pass_over(&path, Error::Request(told))?;
                }
                None => {}
            }
        }
        Ok(angles)
    }
}

/// An angle, whatever the type that it is written in.
fn degrees(value: &Value) -> Option<f32> {
    match value {
        Value::Float(degrees) => Some(*degrees as f32),
        Value::Integer(degrees) => Some(*degrees as f32),
        Value::Unsigned(degrees) => Some(*degrees as f32),
        Value::Text(degrees) => degrees.trim().parse().ok(),
        Value::Other(_) => None,
    }
}
