//! One observation in its file.

use std::path::Path;

use hdf5::{Dataset, Group, H5Type};
use jobwise_hdf5::atomic::AtomicFile;
use jobwise_hdf5::raw_rows::{self, Transfer};
use jobwise_hdf5::{Error as Stored, attributes};
use ndarray::{ArrayView1, ArrayView2, s};

use super::focalplane::{Focalplane, uid};
use super::scan::Scan;
use super::survey::Observation;
use super::{Export, Result, quaternions};
use crate::archive::Text;
use crate::object::Units;

const FORMAT_VERSION: i64 = 2;

/// Samples that cannot be used.
const INVALID: u8 = 1;
/// Samples between two scans, while the telescope turns.
const UNSTABLE: u8 = 4;

/// The file of an observation on its way.
#[derive(Debug)]
pub(super) struct File {
    atomic: AtomicFile,
    h5: hdf5::File,
    detectors: Vec<Text>,
    times: Dataset,
    boresight: Dataset,
    shared_flags: Dataset,
    signal: Dataset,
    flags: Dataset,
}

impl File {
    /// A file with all of an observation but its samples.
    pub(super) fn create(path: &Path, observation: &Observation, export: &Export) -> Result<File> {
        let focalplane = Focalplane::new(observation, export)?;
        let atomic = AtomicFile::new(path)?;
        let file = atomic.create_h5()?;
        describe(&file, observation, &focalplane)?;
        instrument(&group(&file, "instrument")?, &focalplane, export)?;
        metadata(&file, observation)?;
        group(&file, "attr")?;
        intervals(&group(&file, "intervals")?, observation)?;
        let (count, samples) = (focalplane.len(), observation.samples());
        let shared = group(&file, "shared")?;
        let column = |dataset: Dataset| -> Result<Dataset> {
            attributes::write_text(&dataset, "comm_type", "column")?;
            Ok(dataset)
        };
        let data = group(&file, "detdata")?;
        let measured = |dataset: Dataset, units: &str| -> Result<Dataset> {
            attributes::write_text(&dataset, "units", units)?;
            Ok(dataset)
        };
        let of_signal = match &export.units {
            Some(units) => units,
            None => units(observation.units),
        };
        Ok(File {
            times: column(dataset::<f64>(&shared, "times", &[samples])?)?,
            boresight: column(dataset::<f64>(&shared, "boresight_radec", &[samples, 4])?)?,
            shared_flags: column(dataset::<u8>(&shared, "flags", &[samples])?)?,
            signal: measured(
                dataset::<f64>(&data, "signal", &[count, samples])?,
                of_signal,
            )?,
            flags: measured(dataset::<u8>(&data, "flags", &[count, samples])?, "")?,
            detectors: observation.detectors.iter().cloned().collect(),
            atomic,
            h5: file,
        })
    }

    /// Writes a scan, whose first sample is sample `first` of the observation.
    pub(super) fn write(&self, first: usize, scan: &Scan<'_>) -> Result<()> {
        let range = first..first + scan.span.samples;
        let looks: Vec<f64> = scan
            .boresight
            .iter()
            .flat_map(|rotation| quaternions::boresight(*rotation))
            .collect();
        let turns = if scan.span.is_turnaround { UNSTABLE } else { 0 };
        let flags = looks.chunks_exact(4).map(|look| {
            let is_known = look.iter().all(|part| part.is_finite());
            turns | if is_known { 0 } else { INVALID }
        });
        let flags: Vec<u8> = flags.collect();
        let times = scan.span.times();
        let shared = s![range.clone()];
        let put = self.times.write_slice(&ArrayView1::from(&times), shared);
        put.map_err(refused(&self.times))?;
        let put = self
            .shared_flags
            .write_slice(&ArrayView1::from(&flags), shared);
        put.map_err(refused(&self.shared_flags))?;
        let looks = ArrayView2::from_shape((times.len(), 4), &looks);
        let looks = looks.expect("four parts per sample");
        let put = self.boresight.write_slice(&looks, s![range.clone(), ..]);
        put.map_err(refused(&self.boresight))?;
        for (row, detector) in self.detectors.iter().enumerate() {
            let (samples, flags) = scan.samples(detector);
            let place = s![row, range.clone()];
            let put = self.signal.write_slice(&ArrayView1::from(&samples), place);
            put.map_err(refused(&self.signal))?;
            let put = self.flags.write_slice(&ArrayView1::from(&flags), place);
            put.map_err(refused(&self.flags))?;
        }
        Ok(())
    }

    /// Ends the file, which then has its name.
    pub(super) fn commit(self) -> Result<()> {
        let File { atomic, h5, .. } = self;
        Ok(atomic.commit_h5(h5)?)
    }
}

/// What TOAST reads first.
fn describe(file: &hdf5::File, observation: &Observation, focalplane: &Focalplane) -> Result<()> {
    let names = focalplane.detectors().map(|(name, _)| name.to_string());
    let names: serde_json::Value = names.collect();
    let flags = focalplane
        .detectors()
        .map(|(name, flag)| (name.to_string(), flag.into()));
    let flags: serde_json::Map<String, serde_json::Value> = flags.collect();
    let sets = observation
        .scans
        .iter()
        .map(|span| vec![span.samples.to_string()]);
    let sets: serde_json::Value = sets.collect();
    let (_, number) = parts(&observation.name);
    let number = number.unwrap_or_else(|| i64::from(uid(observation.name.as_bytes())));
    let program = concat!("jobwise-frames ", env!("CARGO_PKG_VERSION"));
    attributes::write_text(file, "toast_version", program)?;
    attributes::write(file, "toast_format_version", FORMAT_VERSION)?;
    attributes::write_text(file, "observation_name", &observation.name)?;
    attributes::write(file, "observation_uid", number)?;
    attributes::write_text(file, "observation_detectors", &names.to_string())?;
    attributes::write_text(file, "observation_detector_sets", "NONE")?;
    attributes::write(file, "observation_samples", observation.samples() as i64)?;
    attributes::write_text(file, "observation_sample_sets", &sets.to_string())?;
    let flags = serde_json::Value::Object(flags);
    attributes::write_text(file, "observation_detector_flags", &flags.to_string())?;
    Ok(())
}

fn instrument(group: &Group, focalplane: &Focalplane, export: &Export) -> Result<()> {
    let telescope = &export.telescope;
    attributes::write(group, "toast_format_version", FORMAT_VERSION)?;
    for (name, value) in [
        ("telescope_name", telescope.name.as_str()),
        ("telescope_class", "toast.instrument.Telescope"),
        ("site_class", "toast.instrument.GroundSite"),
        ("site_name", &telescope.site),
        ("focalplane_class", "toast.instrument.Focalplane"),
    ] {
        attributes::write_text(group, name, value)?;
    }
    for (name, of) in [
        ("telescope_uid", &telescope.name),
        ("site_uid", &telescope.site),
    ] {
        attributes::write(group, name, i64::from(uid(of.as_bytes())))?;
    }
    for (name, value) in [
        ("site_lat_deg", telescope.latitude),
        ("site_lon_deg", telescope.longitude),
        ("site_alt_m", telescope.altitude),
    ] {
        attributes::write(group, name, value)?;
    }
    let table = group.new_dataset_builder().packed(true);
    let table = table
        .empty_as(focalplane.kind())
        .shape(focalplane.len())
        .create("focalplane");
    let table = table.map_err(|source| of_group(group, "focalplane", source))?;
    let rows = focalplane.to_bytes();
    raw_rows::write(&table, 0..focalplane.len(), &rows, Transfer::Independent)?;
    let lines = focalplane.column_lines();
    let longest = lines.iter().map(String::len).max().unwrap_or_default();
    let mut bytes = Vec::new();
    for line in &lines {
        bytes.extend_from_slice(line.as_bytes());
        bytes.resize(bytes.len() + longest - line.len(), 0);
    }
    let name = "focalplane.__table_column_meta__";
    let text = group
        .new_dataset_builder()
        .empty_as(hdf5::types::TypeDescriptor::FixedAscii(longest));
    let text = text.shape(lines.len()).create(name);
    let text = text.map_err(|source| of_group(group, name, source))?;
    raw_rows::write(&text, 0..lines.len(), &bytes, Transfer::Independent)?;
    Ok(())
}

fn metadata(file: &hdf5::File, observation: &Observation) -> Result<()> {
    let other = group(&group(file, "metadata")?, "other")?;
    attributes::write_text(&other, "python_data_type", "dict")?;
    attributes::write_text(&other, "source", parts(&observation.name).0)?;
    Ok(())
}

/// When the telescope scanned, and when it turned.
fn intervals(group: &Group, observation: &Observation) -> Result<()> {
    attributes::write_text(group, "times", "times")?;
    let scans = &observation.scans;
    let mut by_kind = [(Vec::new(), Vec::new()), (Vec::new(), Vec::new())];
    for (number, span) in scans.iter().enumerate() {
        let stop = span.stop.seconds();
        // An interval ends half a sample behind its last one, before the next scan.
        let step = span
            .step()
            .or(observation.sample_rate().map(|rate| 1.0 / rate));
        let next = scans
            .get(number + 1)
            .map(|next| next.start.seconds() - stop);
        let half = step.unwrap_or_default().min(next.unwrap_or(f64::MAX)) / 2.0;
        let (starts, stops) = &mut by_kind[usize::from(span.is_turnaround)];
        starts.push(span.start.seconds());
        stops.push(stop + half);
    }
    for (name, (starts, mut stops)) in ["scanning", "turnaround"].into_iter().zip(by_kind) {
        if name != "scanning" && starts.is_empty() {
            continue;
        }
        let count = starts.len();
        let mut both = starts;
        both.append(&mut stops);
        let dataset = dataset::<f64>(group, name, &[2, count])?;
        let both = ArrayView2::from_shape((2, count), &both).expect("starts and stops");
        dataset.write(&both).map_err(refused(&dataset))?;
    }
    Ok(())
}

/// The source and the number in the name of an observation.
fn parts(name: &str) -> (&str, Option<i64>) {
    match name.rsplit_once('-') {
        Some((source, number)) => (source, number.parse().ok()),
        None => (name, name.parse().ok()),
    }
}

/// What samples are measured in, as astropy calls it: the base units of spt3g, where 1 K is 1000.
fn units(units: Units) -> &'static str {
    match units {
        Units::TCMB | Units::TRJ => "mK",
        Units::CURRENT => "A",
        Units::POWER => "W",
        Units::RESISTANCE => "Ohm",
        Units::ANGLE => "rad",
        Units::DISTANCE => "mm",
        Units::VOLTAGE => "V",
        Units::PRESSURE => "bar",
        Units::FLUX_DENSITY => "1e+24 Jy",
        Units::FREQUENCY => "1e+08 Hz",
        _ => "",
    }
}

fn group(parent: &Group, name: &str) -> Result<Group> {
    let made = parent.create_group(name);
    Ok(made.map_err(|source| of_group(parent, name, source))?)
}

fn dataset<T: H5Type>(group: &Group, name: &str, shape: &[usize]) -> Result<Dataset> {
    let made = group.new_dataset::<T>().shape(shape).create(name);
    Ok(made.map_err(|source| of_group(group, name, source))?)
}

fn of_group(group: &Group, name: &str, source: hdf5::Error) -> Stored {
    let object = format!("{}/{name}", group.name().trim_end_matches('/'));
    Stored::Hdf5 {
        path: group.filename().into(),
        object,
        source,
    }
}

fn refused(dataset: &Dataset) -> impl FnOnce(hdf5::Error) -> Stored {
    |source| Stored::Hdf5 {
        path: dataset.filename().into(),
        object: dataset.name(),
        source,
    }
}
