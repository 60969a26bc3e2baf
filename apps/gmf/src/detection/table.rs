//! Detections and events as CSV and HDF5.

use std::path::Path;

use hdf5::types::VarLenUnicode;
use hdf5::{Group, H5Type};
use jobwise_hdf5::Error as Stored;
use jobwise_hdf5::atomic::AtomicFile;
use jobwise_hdf5::attributes;

use super::{Detection, Event};
use crate::clock::format_utc;
use crate::{Error, Result};

/// The columns of optimised peaks in HDF5, and their units.
const OPTIMISED: [(&str, &str); 3] = [
    ("optimised_range", "m"),
    ("optimised_range_rate", "m/s"),
    ("optimised_acceleration", "m/s^2"),
];

const SINCE_1970: &str = "s since 1970-01-01T00:00:00Z";

/// The detections as comma-separated values: a header line with names and units, then a line for
/// each, with the number of its event first. What is not known is `NaN`.
///
/// # Errors
/// When a time lies beyond the calendar.
pub fn detections_csv(detections: &[Detection], events: &[usize]) -> Result<String> {
    let mut text = String::from(
        "event,time [UTC],time [s since 1970],file,integration,gate,range of the total path \
         [m],range_rate of the total path [m/s],acceleration of the total path [m/s^2],gmf,snr \
         [dB],\
         tx_power,azimuth [deg],elevation [deg],target,optimised range of the total path [m],\
         optimised range_rate of the total path [m/s],optimised acceleration of the total path \
         [m/s^2]\n",
    );
    for (d, event) in detections.iter().zip(events) {
        let fields = [
            event.to_string(),
            utc(d.time)?,
            seconds(d.time),
            d.file.display().to_string(),
            d.integration.to_string(),
            d.gate.to_string(),
            d.range.to_string(),
            d.range_rate.to_string(),
            d.acceleration.to_string(),
            d.gmf.to_string(),
            d.snr_db.to_string(),
            d.tx_power.to_string(),
            d.azimuth.to_string(),
            d.elevation.to_string(),
            d.target.to_string(),
            d.optimised[0].to_string(),
            d.optimised[1].to_string(),
            d.optimised[2].to_string(),
        ];
        text.push_str(&(fields.join(",") + "\n"));
    }
    Ok(text)
}

/// The events as comma-separated values.
///
/// # Errors
/// When a time lies beyond the calendar.
pub fn events_csv(events: &[Event]) -> Result<String> {
    let mut text = String::from(
        "event,start [UTC],end [UTC],start [s since 1970],end [s since 1970],count,max snr \
         [dB],time of max [s since 1970],\
         range of the total path at max [m],range_rate of the total path at max [m/s],acceleration \
         of the total path at max [m/s^2]\n",
    );
    for (number, event) in events.iter().enumerate() {
        let d = &event.strongest;
        let fields = [
            number.to_string(),
            utc(event.start)?,
            utc(event.end)?,
            seconds(event.start),
            seconds(event.end),
            event.count.to_string(),
            d.snr_db.to_string(),
            seconds(d.time),
            d.range.to_string(),
            d.range_rate.to_string(),
            d.acceleration.to_string(),
        ];
        text.push_str(&(fields.join(",") + "\n"));
    }
    Ok(text)
}

/// Writes both tables atomically to an HDF5 file: the groups `detections` and `events`, each with
/// one dataset per column and its unit in the attribute `units`.
///
/// # Errors
/// When the file cannot be written.
pub fn write_h5(
    path: &Path,
    detections: &[Detection],
    numbers: &[usize],
    events: &[Event],
) -> Result<()> {
    let atomic = AtomicFile::new(path)?;
    let file = atomic.create_h5()?;
    let group = |name: &str| file.create_group(name).map_err(Stored::hdf5(path, name));
    {
        let table = Table(group("detections")?);
        table.column("event", "", numbers.iter().map(|&n| n as i64))?;
        table.column("time", SINCE_1970, detections.iter().map(|d| d.time))?;
        let names: Result<Vec<VarLenUnicode>> = detections.iter().map(file_name).collect();
        table.column("file", "", names?)?;
        table.column(
            "integration",
            "",
            detections.iter().map(|d| d.integration as i64),
        )?;
        table.column("gate", "samples", detections.iter().map(|d| d.gate))?;
        table.column("range", "m", detections.iter().map(|d| d.range))?;
        table.column("range_rate", "m/s", detections.iter().map(|d| d.range_rate))?;
        table.column(
            "acceleration",
            "m/s^2",
            detections.iter().map(|d| d.acceleration),
        )?;
        table.column("gmf", "", detections.iter().map(|d| d.gmf))?;
        table.column("snr", "dB", detections.iter().map(|d| d.snr_db))?;
        table.column("tx_power", "", detections.iter().map(|d| d.tx_power))?;
        table.column("azimuth", "deg", detections.iter().map(|d| d.azimuth))?;
        table.column("elevation", "deg", detections.iter().map(|d| d.elevation))?;
        table.column("target", "", detections.iter().map(|d| d.target as i64))?;
        for (place, (name, units)) in OPTIMISED.into_iter().enumerate() {
            table.column(name, units, detections.iter().map(|d| d.optimised[place]))?;
        }
        let table = Table(group("events")?);
        table.column("start", SINCE_1970, events.iter().map(|e| e.start))?;
        table.column("end", SINCE_1970, events.iter().map(|e| e.end))?;
        table.column("count", "", events.iter().map(|e| e.count as i64))?;
        table.column("snr_max", "dB", events.iter().map(|e| e.strongest.snr_db))?;
        table.column(
            "time_max",
            SINCE_1970,
            events.iter().map(|e| e.strongest.time),
        )?;
        table.column("range_max", "m", events.iter().map(|e| e.strongest.range))?;
        table.column(
            "range_rate_max",
            "m/s",
            events.iter().map(|e| e.strongest.range_rate),
        )?;
        table.column(
            "acceleration_max",
            "m/s^2",
            events.iter().map(|e| e.strongest.acceleration),
        )?;
    }
    Ok(atomic.commit_h5(file)?)
}

/// A group with a dataset for each column.
struct Table(Group);

impl Table {
    fn column<T: H5Type>(
        &self,
        name: &str,
        units: &str,
        values: impl IntoIterator<Item = T>,
    ) -> Result<()> {
        let values: Vec<T> = values.into_iter().collect();
        let dataset = self
            .0
            .new_dataset::<T>()
            .shape([values.len()])
            .create(name)
            .and_then(|dataset| dataset.write_raw(&values).map(|()| dataset))
            .map_err(Stored::hdf5(self.0.filename(), name))?;
        if !units.is_empty() {
            attributes::write_text(&dataset, "units", units)?;
        }
        Ok(())
    }
}

fn file_name(detection: &Detection) -> Result<VarLenUnicode> {
    let name = detection.file.display().to_string();
    name.parse()
        .map_err(|_| Error::Request(format!("{name:?} cannot be stored as text")))
}

fn utc(time: f64) -> Result<String> {
    format_utc((time * 1e6).round() as i64)
}

/// Seconds since 1970 to a microsecond, which is what they are good to.
fn seconds(time: f64) -> String {
    format!("{time:.6}")
}
