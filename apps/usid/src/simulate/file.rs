use std::path::Path;

use hdf5::Dataset;
use jobwise_hdf5::atomic::AtomicFile;
use jobwise_hdf5::raw_rows::{self, Transfer};

use crate::error::refused;
use crate::format::{Axis, Bookkeeping, Dimension, Element, NewMain, Scalar, Side, Storage, Value};
use crate::{Error, Result};

/// A measurement that was never made.
pub(super) struct Simulated<'a> {
    pub(super) quantity: &'a str,
    pub(super) units: &'a str,
    /// Slowest first.
    pub(super) positions: Vec<Dimension>,
    pub(super) spectroscopic: Vec<Dimension>,
    /// Attributes of the measurement.
    pub(super) experiment: &'a [(&'a str, f64)],
}

impl Simulated<'_> {
    /// Writes it as `/Measurement_000/Channel_000/Raw_Data` of a new file; `numbers` brings its
    /// rows, in pieces of whole rows.
    pub(super) fn write(&self, path: &Path, numbers: impl Iterator<Item = Vec<f32>>) -> Result<()> {
        if path.exists() {
            return Err(Error::Format {
                path: path.to_path_buf(),
                object: "file".into(),
                problem: "exists already: remove it, or choose another name".into(),
            });
        }
        let count = |axes: &[Dimension]| axes.iter().map(|axis| axis.values.len()).product();
        let (positions, width): (usize, usize) =
            (count(&self.positions), count(&self.spectroscopic));
        let atomic = AtomicFile::new(path)?;
        let file = atomic.create_h5()?;
        let raw = self.create(&file, positions, width)?;
        let mut first = 0;
        for piece in numbers {
            let rows = first..first + piece.len() / width;
            let bytes: Vec<u8> = piece
                .iter()
                .flat_map(|number| number.to_le_bytes())
                .collect();
            first = rows.end;
            raw_rows::write(&raw, rows, &bytes, Transfer::Independent)?;
        }
        drop(raw);
        Ok(atomic.commit_h5(file)?)
    }

    fn create(&self, file: &hdf5::File, positions: usize, width: usize) -> Result<Dataset> {
        let made = |name: &str| {
            file.create_group(name)
                .map_err(refused(file.filename(), name))
        };
        let measurement = made("Measurement_000")?;
        for (name, value) in self.experiment {
            Value::from(*value).write(&measurement, name)?;
        }
        let channel = made("Measurement_000/Channel_000")?;
        let raw = NewMain {
            name: "Raw_Data",
            positions,
            width,
            element: &Element::Real(Scalar::F32),
            quantity: self.quantity,
            units: self.units,
            storage: Storage::Contiguous,
            position: Axis::create(&channel, "Position", Side::Position, &self.positions)?,
            spectroscopic: Axis::create(
                &channel,
                "Spectroscopic",
                Side::Spectroscopic,
                &self.spectroscopic,
            )?,
        };
        raw.create(&channel, &Bookkeeping::now())
    }
}
