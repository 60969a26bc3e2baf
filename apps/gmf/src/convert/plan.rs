//! All raw files in order, everything checked before anything is written.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use jobwise_core::{Cancel, Observer, Progress};
use jobwise_kit::Inputs;

use super::experiments::{FILE_SECONDS, Known, SAMPLE_RATE};
use super::raw::{self, Parameters, wrong};
use crate::Result;
use crate::clock::{Rate, Unit, format_utc};
use crate::experiment::{Bounds, Experiment};

/// What will be converted into what.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) files: Vec<PlannedFile>,
    pub(super) experiment: Experiment,
    pub(super) rate: Rate,
    pub(super) samples_per_file: u64,
}

/// A raw file and its place in the recording.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedFile {
    /// The raw file.
    pub path: PathBuf,
    /// Index of its first sample, since 1970.
    pub start: u64,
    /// Samples that it says it holds.
    pub samples: u64,
    /// Azimuth and elevation in degrees.
    pub pointing: [f64; 2],
}

impl Plan {
    /// Looks at every raw file below `source`; `None` when cancelled. Files that cannot be used are
    /// passed over if `inputs` says so.
    ///
    /// # Errors
    /// There is no raw file that can be used, one is of another experiment, or their times do not
    /// fit together.
    pub fn new(
        source: &Path,
        inputs: &Inputs,
        cancel: &Cancel,
        observer: &dyn Observer,
    ) -> Result<Option<Plan>> {
        let paths = raw::list(source)?;
        let rate = Rate::hertz(SAMPLE_RATE)?;
        let samples_per_file = (FILE_SECONDS * rate.as_f64()).round() as u64;
        let mut files: Vec<PlannedFile> = Vec::with_capacity(paths.len());
        let mut first: Option<(Known, f64)> = None;
        let mut damaged = Vec::new();
        for (done, path) in paths.iter().enumerate() {
            if cancel.is_cancelled() {
                return Ok(None);
            }
            observer.progress(Progress {
                total: paths.len(),
                done,
                ..Progress::default()
            });
            let parameters = match Parameters::read(path) {
                Ok(parameters) => parameters,
                Err(error) => {
                    damaged.push((path, error));
                    continue;
                }
            };
            let known = Known::find(&parameters.info).map_err(|e| wrong(path, e.to_string()))?;
            let (experiment, frequency) = *first.get_or_insert((known, parameters.radar_frequency));
            // Exactly: all files repeat one number.
            if known != experiment || parameters.radar_frequency.to_bits() != frequency.to_bits() {
                return Err(wrong(
                    path,
                    format!(
                        "is of {known} at {} MHz, but the recording began as {experiment} at \
                         {frequency} MHz: convert them separately",
                        parameters.radar_frequency
                    ),
                ));
            }
            let file = place(path, &parameters, rate, samples_per_file)?;
            if let Some(before) = files.last() {
                follows(before, &file, samples_per_file)?;
            }
            files.push(file);
        }
        let Some((known, radar_frequency)) = first else {
            // Without a sound one, what is wrong with the first says most.
            return Err(damaged
                .into_iter()
                .next()
                .map_or_else(|| wrong(source, "holds no raw data"), |(_, error)| error));
        };
        for (path, error) in damaged {
            inputs.pass_over(path, error)?;
        }
        let mut plan = Plan {
            files,
            experiment: known.experiment(radar_frequency),
            rate,
            samples_per_file,
        };
        plan.experiment.bounds = Some(plan.bounds()?);
        Ok(Some(plan))
    }

    /// The raw files in order.
    pub fn files(&self) -> &[PlannedFile] {
        &self.files
    }

    /// The samples of the recording, gaps included.
    pub fn samples(&self) -> Range<u64> {
        match (self.files.first(), self.files.last()) {
            (Some(first), Some(last)) => first.start..last.start + self.samples_per_file,
            _ => 0..0,
        }
    }

    fn bounds(&self) -> Result<Bounds> {
        let Range { start, end } = self.samples();
        let seconds = |index: u64| index as f64 / self.rate.as_f64();
        let text = |index: u64| format_utc(self.rate.time_of(index, Unit::Microseconds) as i64);
        Ok(Bounds {
            ts_start: Some(seconds(start)),
            ts_end: Some(seconds(end)),
            start: Some(text(start)?),
            end: Some(text(end)?),
        })
    }
}

/// The place of a raw file by its times.
fn place(
    path: &Path,
    parameters: &Parameters,
    rate: Rate,
    samples_per_file: u64,
) -> Result<PlannedFile> {
    let Parameters { origin, end, .. } = *parameters;
    let number = ((end - origin) / FILE_SECONDS).round();
    if number < 1.0 {
        return Err(wrong(
            path,
            format!(
                "ends {} s after the start of the recording: too early for a file of \
                 {FILE_SECONDS} s",
                end - origin
            ),
        ));
    }
    // Whole microseconds: a double of today's seconds is no finer. A floor of the product could be
    // a sample early.
    let origin = rate.index_at((origin * 1e6).round() as i64, Unit::Microseconds);
    let start = u64::try_from(origin).ok();
    let start = start
        .and_then(|origin| origin.checked_add((number as u64 - 1).checked_mul(samples_per_file)?));
    Ok(PlannedFile {
        path: path.to_path_buf(),
        start: start.ok_or_else(|| wrong(path, "lies beyond the calendar"))?,
        samples: parameters.samples,
        pointing: [parameters.azimuth, parameters.elevation],
    })
}

fn follows(before: &PlannedFile, file: &PlannedFile, samples_per_file: u64) -> Result<()> {
    let free = before.start + samples_per_file;
    if file.start < free {
        return Err(wrong(
            &file.path,
            format!(
                "begins at sample {}, before the end ({free}) of {}: remove one, or convert them \
                 separately",
                file.start,
                before.path.display()
            ),
        ));
    }
    Ok(())
}

/// The plan, for people.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Range { start, end } = self.samples();
        let experiment = &self.experiment;
        let text = |bound: fn(&Bounds) -> &Option<String>| {
            experiment
                .bounds
                .as_ref()
                .and_then(|b| bound(b).clone())
                .unwrap_or_default()
        };
        writeln!(
            f,
            "experiment      {} {}, {} MHz",
            experiment.name, experiment.version, experiment.radar_frequency
        )?;
        writeln!(
            f,
            "channel         {}, {}",
            experiment.rx_channel, self.rate
        )?;
        writeln!(
            f,
            "start           {} UTC, sample {start}",
            text(|b| &b.start)
        )?;
        writeln!(f, "end             {} UTC, sample {end}", text(|b| &b.end))?;
        writeln!(f, "raw files       {}", self.files.len())?;
        let held = self.files.len() as u64 * self.samples_per_file;
        writeln!(
            f,
            "between them    {} samples without a file, to be missing",
            end - start - held
        )?;
        let other = self
            .files
            .iter()
            .filter(|file| file.samples != self.samples_per_file);
        writeln!(
            f,
            "other lengths   {} files with more or less than {} samples",
            other.count(),
            self.samples_per_file
        )
    }
}
