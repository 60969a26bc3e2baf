//! Writing a file.

use std::path::Path;

use hdf5::{Dataset, Group, H5Type};
use jobwise_hdf5::Error as Stored;
use jobwise_hdf5::atomic::AtomicFile;
use jobwise_hdf5::attributes::{self, Value};
use jobwise_hdf5::scales::{self, Dimension};

use super::attributes::Attributes;
use super::optimized::Kept;
use super::{Origin, Product, Run, cube, epoch_unix, storage, targets};
use crate::search::Integration;
use crate::{Error, Result};

const TIME: Option<Dimension<'_>> = Some(Dimension {
    label: "t",
    scale: "integration_index",
});
const RANGE: Option<Dimension<'_>> = Some(Dimension {
    label: "r",
    scale: "ranges",
});

/// The attribute that gives the first sample of a file, since 1970.
pub(crate) const FIRST_SAMPLE: &str = "first_sample";

impl Product {
    /// Writes the file at once under its final name, missing directories included.
    ///
    /// # Errors
    /// When the vectors do not fit each other, or the file cannot be written.
    pub fn write(&self, path: &Path, run: &Run) -> Result<()> {
        self.write_with(path, run, None, None)
    }

    /// As [`write`](Self::write), with refined peaks of before, and with a note of what it was
    /// computed from. The file and its note get their name together.
    pub(crate) fn write_with(
        &self,
        path: &Path,
        run: &Run,
        refined: Option<&Kept>,
        origin: Option<&Origin>,
    ) -> Result<()> {
        self.check(run)?;
        let atomic = AtomicFile::new(path)?;
        let file = atomic.create_h5()?;
        self.write_scales(&file, run)?;
        self.write_results(&file, run)?;
        // The scalar that says when the file starts.
        dataset(
            &file,
            "epoch_unix",
            &[],
            &[epoch_unix(self.start, self.rate)],
        )?;

        write_group(
            &file,
            "experiment",
            super::attributes::experiment(&run.experiment, &run.parameters),
        )?;
        write_group(
            &file,
            "processing",
            super::attributes::processing(&run.settings, &run.parameters),
        )?;
        // Its name gives it to a microsecond only.
        attributes::write(&file, FIRST_SAMPLE, self.start)?;
        attributes::write_text(&file, "software", "jobwise-gmf")?;
        attributes::write_text(&file, "software_version", env!("CARGO_PKG_VERSION"))?;
        attributes::write_text(&file, "config_hash", &run.config_hash)?;
        if let Some(refined) = refined {
            refined.write(&file)?;
        }
        if let Some(origin) = origin {
            origin.note(atomic.temporary());
        }
        Ok(atomic.commit_h5(file)?)
    }

    fn check(&self, run: &Run) -> Result<()> {
        let (times, ranges) = (self.integrations.len(), run.parameters.ranges.len());
        let pointings = self.pointing.as_ref().map_or(times, Vec::len);
        if times == 0 || self.missing_samples.len() != times || pointings != times {
            return Err(Error::Request(format!(
                "a file of {times} integrations needs as many counts of missing samples and pointings, not {} and {pointings}",
                self.missing_samples.len()
            )));
        }
        match self.integrations.iter().find(|i| i.gmf.len() != ranges) {
            Some(odd) => Err(Error::Request(format!(
                "an integration has {} gates instead of {ranges}",
                odd.gmf.len()
            ))),
            None => Ok(()),
        }
    }

    fn write_scales(&self, file: &Group, run: &Run) -> Result<()> {
        let parameters = &run.parameters;
        let counted = |length: usize| (0..length as i64).collect::<Vec<_>>();
        let index = counted(self.integrations.len());
        scale(
            file,
            "integration_index",
            &index,
            "Number of the integration in this file",
            None,
            run.compression,
        )?;
        let ranges = scale(
            file,
            "ranges",
            &parameters.ranges,
            "Total range of each gate, without range alias",
            Some("m"),
            run.compression,
        )?;
        attributes::write(&ranges, "range_alias_offset", parameters.range_alias_offset)?;
        scale(
            file,
            "range_rates",
            &parameters.range_rates,
            "Range rate of each Doppler bin, in FFT order",
            Some("m/s"),
            run.compression,
        )?;
        scale(
            file,
            "accelerations",
            &parameters.accelerations,
            "Acceleration grid",
            Some("m/s^2"),
            run.compression,
        )?;
        if run.sample_numbers {
            scale(
                file,
                "sample_numbers",
                &counted(parameters.read_length),
                "Number of each sample within an integration",
                None,
                run.compression,
            )?;
        }
        Ok(())
    }

    fn write_results(&self, file: &Group, run: &Run) -> Result<()> {
        self.write_gates(file, run, "gmf", "Largest matched-filter power", |i| &i.gmf)?;
        self.write_gates(
            file,
            run,
            "gmf_zero_frequency",
            "Power without Doppler, for the noise floor",
            |i| &i.gmf_zero_frequency,
        )?;
        self.write_gates(
            file,
            run,
            "range_rate_index",
            "Index of the range rate of the largest power, -1 for none",
            |i| &i.range_rate_index,
        )?;
        self.write_gates(
            file,
            run,
            "acceleration_index",
            "Index of the acceleration of the largest power, -1 for none",
            |i| &i.acceleration_index,
        )?;
        self.write_times(file, "tx_power", "Transmitted power", |i| i.tx_power)?;
        self.write_times(file, "range_peak", "Range of the largest gmf", |i| {
            i.range_peak
        })?;
        self.write_times(
            file,
            "range_rate_peak",
            "Range rate of the largest gmf",
            |i| i.range_rate_peak,
        )?;
        self.write_times(
            file,
            "acceleration_peak",
            "Acceleration of the largest gmf",
            |i| i.acceleration_peak,
        )?;
        self.write_times(file, "gmf_peak", "Largest gmf", |i| i.gmf_peak)?;
        let missing = dataset(
            file,
            "missing_samples",
            &[self.integrations.len()],
            &self.missing_samples,
        )?;
        attributes::write_text(&missing, "long_name", "Samples missing in the recording")?;
        let gates: &[_] = &[TIME, RANGE];
        let times: &[_] = &[TIME];
        let mut users = vec![
            ("gmf", gates),
            ("gmf_zero_frequency", gates),
            ("range_rate_index", gates),
            ("acceleration_index", gates),
            ("tx_power", times),
            ("range_peak", times),
            ("range_rate_peak", times),
            ("acceleration_peak", times),
            ("gmf_peak", times),
            ("missing_samples", times),
            ("pointing", &[TIME, None]),
        ];
        self.write_pointing(file)?;
        if run.settings.targets > 1 {
            targets::write(file, &self.integrations, run)?;
            users.extend(targets::NAMES.map(|name| (name, &[TIME, None][..])));
        }
        let cube = cube::shape(run)?;
        let axes = cube.map(|shape| cube::dimensions(shape, TIME));
        if let (Some(shape), Some(axes)) = (cube, &axes) {
            cube::write(file, &self.integrations, shape, run)?;
            users.extend(cube::names(shape).into_iter().map(|name| (name, &axes[..])));
        }
        Ok(scales::attach(file, &users)?)
    }

    fn write_gates<T: H5Type + Copy>(
        &self,
        file: &Group,
        run: &Run,
        name: &str,
        long_name: &str,
        row: impl Fn(&Integration) -> &[T],
    ) -> Result<()> {
        let rows: Vec<T> = self
            .integrations
            .iter()
            .flat_map(|i| row(i).to_vec())
            .collect();
        let shape = [self.integrations.len(), run.parameters.ranges.len()];
        let dataset = compressed(file, name, &shape, &rows, run.compression)?;
        Ok(attributes::write_text(&dataset, "long_name", long_name)?)
    }

    fn write_times<T: H5Type>(
        &self,
        file: &Group,
        name: &str,
        long_name: &str,
        value: impl Fn(&Integration) -> T,
    ) -> Result<()> {
        let values: Vec<T> = self.integrations.iter().map(value).collect();
        let dataset = dataset(file, name, &[values.len()], &values)?;
        Ok(attributes::write_text(&dataset, "long_name", long_name)?)
    }

    /// Without a channel the values are f64, as the peer has them.
    fn write_pointing(&self, file: &Group) -> Result<()> {
        let shape = [self.integrations.len(), 2];
        let dataset = match &self.pointing {
            Some(pointing) => dataset(file, "pointing", &shape, pointing.as_flattened())?,
            None => dataset(
                file,
                "pointing",
                &shape,
                &vec![f64::NAN; 2 * self.integrations.len()],
            )?,
        };
        let long_name = "Azimuth and elevation in degrees";
        Ok(attributes::write_text(&dataset, "long_name", long_name)?)
    }
}

pub(super) fn dataset<T: H5Type>(
    group: &Group,
    name: &str,
    shape: &[usize],
    values: &[T],
) -> Result<Dataset> {
    compressed(group, name, shape, values, 0)
}

fn compressed<T: H5Type>(
    group: &Group,
    name: &str,
    shape: &[usize],
    values: &[T],
    compression: u8,
) -> Result<Dataset> {
    storage::create::<T>(group, name, shape, compression)
        .and_then(|dataset| dataset.write_raw(values).map(|()| dataset))
        .map_err(|source| Stored::hdf5(group.filename(), name)(source).into())
}

pub(super) fn scale<T: H5Type>(
    group: &Group,
    name: &str,
    values: &[T],
    long_name: &str,
    units: Option<&str>,
    compression: u8,
) -> Result<Dataset> {
    let dataset = compressed(group, name, &[values.len()], values, compression)?;
    scales::make_scale(&dataset, name)?;
    attributes::write_text(&dataset, "long_name", long_name)?;
    if let Some(units) = units {
        attributes::write_text(&dataset, "units", units)?;
    }
    Ok(dataset)
}

fn write_group(file: &Group, name: &str, values: Attributes) -> Result<()> {
    let group = file
        .create_group(name)
        .map_err(Stored::hdf5(file.filename(), name))?;
    for (key, value) in values {
        match value {
            Value::Integer(value) => attributes::write(&group, &key, value)?,
            Value::Unsigned(value) => attributes::write(&group, &key, value)?,
            Value::Float(value) => attributes::write(&group, &key, value)?,
            Value::Text(value) | Value::Other(value) => {
                attributes::write_text(&group, &key, &value)?;
            }
        }
    }
    Ok(())
}
