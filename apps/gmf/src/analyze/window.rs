//! Which samples of a recording are analysed, and how they are dealt to integrations and files.

use std::ops::{Range, RangeInclusive};

use crate::clock::{Rate, Unit, format_utc, parse_utc};
use crate::parameters::Parameters;
use crate::{Error, Result};

/// A limit in time, as the user gave it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TimeLimit {
    /// Microseconds since 1970-01-01T00:00:00 UTC.
    Absolute(i64),
    /// Seconds after the first sample.
    Relative(f64),
}

impl TimeLimit {
    /// Reads an ISO 8601 instant, or seconds after the first sample where `relative`.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn parse(text: &str, relative: bool) -> Result<TimeLimit> {
        if relative {
            let seconds = text.trim().parse().ok().filter(|s: &f64| s.is_finite());
            seconds.map(TimeLimit::Relative).ok_or_else(|| {
                Error::Request(format!(
                    "{text:?} is no number of seconds (--relative_time)"
                ))
            })
        } else {
            parse_utc(text).map(TimeLimit::Absolute)
        }
    }

    /// The sample at this limit, in exact arithmetic.
    pub(crate) fn sample(self, first: u64, rate: Rate) -> i128 {
        match self {
            TimeLimit::Absolute(microseconds) => rate.index_at(microseconds, Unit::Microseconds),
            TimeLimit::Relative(seconds) => {
                i128::from(first).saturating_add((seconds * rate.as_f64()).round() as i128)
            }
        }
    }
}

/// Where integrations and files are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// A sample at which an inter-pulse period begins.
    pub sample: u64,
    /// Whether integrations and files are counted from that sample too. Else the first integration
    /// that is wanted begins the first file.
    pub counts_files: bool,
}

/// The integrations of an analysis: where they start and which file each goes to.
///
/// Files lie on a grid, and are numbered without those in which nothing was recorded: the numbers,
/// and all work, grow with what was recorded and not with the time that it spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first sample of the first file of the grid.
    base: u64,
    step: u64,
    /// Samples that an integration spans: its step, and the periods that its echoes come late.
    span: u64,
    per_file: usize,
    /// Files of the grid, ascending and apart.
    runs: Vec<Run>,
    integrations: usize,
}

/// Files of the grid that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    /// On the grid.
    files: Range<u64>,
    /// The number of the first.
    number: usize,
}

/// What a window leaves out between two stretches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) samples: Range<u64>,
    /// Integrations that lie in it whole.
    pub(super) integrations: u64,
    /// Files of the grid that are left out.
    pub(super) files: u64,
}

/// Samples from `start` on and before `end` that the user wants.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    start: u64,
    end: u64,
    is_whole: bool,
}

impl Window {
    /// The integrations that lie within `recorded` (exclusive end) and the limits, in files that
    /// touch one of the `stretches`. A start that is off the grid of pulses is moved up to the next
    /// one, and the second value tells by how many samples. Where files are counted from the
    /// anchor, the first file begins at or before the start, and an integration that began before
    /// the recording is counted if the samples that it needs were recorded.
    ///
    /// # Errors
    /// When a limit lies outside the recording, or the end is not after the start.
    pub fn new(
        recorded: &Range<u64>,
        stretches: &[Range<u64>],
        limits: (Option<TimeLimit>, Option<TimeLimit>),
        anchor: Anchor,
        rate: Rate,
        parameters: &Parameters,
    ) -> Result<(Window, u64)> {
        let until = instant(recorded.end.into(), rate);
        let extent = format!("{} to {until}", instant(recorded.start.into(), rate));
        let wanted = wanted(recorded, &extent, limits, rate)?;
        let (mut window, end, moved) = Window::begin(recorded, wanted, anchor, parameters);
        for stretch in stretches {
            window.cover(stretch, end);
        }
        window.count(end);
        Ok((window, moved))
    }

    /// As [`new`](Self::new), for a recording that goes on: without an end limit the integrations
    /// have no end, a limit may lie in the future, and every file of the grid is counted.
    ///
    /// # Errors
    /// When a limit lies before the first sample, or the end is not after the start.
    pub fn live(
        first: u64,
        limits: (Option<TimeLimit>, Option<TimeLimit>),
        anchor: Anchor,
        rate: Rate,
        parameters: &Parameters,
    ) -> Result<(Window, u64)> {
        let extent = format!("from {}", instant(first.into(), rate));
        let recorded = first..u64::MAX;
        let wanted = wanted(&recorded, &extent, limits, rate)?;
        let (mut window, end, moved) = Window::begin(&recorded, wanted, anchor, parameters);
        window.cover(&recorded, end);
        window.count(end);
        Ok((window, moved))
    }

    /// A window without files; the number of integrations of the grid that end in time; by how many
    /// samples the start was moved.
    fn begin(
        recorded: &Range<u64>,
        wanted: Wanted,
        anchor: Anchor,
        parameters: &Parameters,
    ) -> (Window, u64, u64) {
        let (ipp, step) = (
            parameters.ipp_samp as u64,
            parameters.integration_step() as u64,
        );
        let late = parameters.ipp_offset as u64 * ipp;
        let per_file = parameters.num_cohints_per_file;
        let distance = i128::from(wanted.start) - i128::from(anchor.sample);
        let (base, moved) = if anchor.counts_files {
            // The first integration that begins at or after the start or, without one, whose
            // samples were recorded.
            let (wide, files) = (i128::from(step), per_file as i128);
            let next = -(-distance).div_euclid(wide);
            let before = distance.div_euclid(wide);
            // An integration may begin before the recording where the samples that it needs do not.
            let needs = parameters.tx_start_samp.min(parameters.rx_window(0).start) as i128;
            let is_there = before * wide + needs >= distance;
            let first = if wanted.is_whole && is_there {
                before
            } else {
                next
            };
            let length = wide.saturating_mul(files);
            let base = i128::from(anchor.sample) + first.div_euclid(files) * length;
            // Files do not begin before 1970.
            let base = if base < 0 { base + length } else { base };
            (u64::try_from(base).unwrap_or(wanted.start), 0)
        } else {
            let late_by = distance.rem_euclid(i128::from(ipp)) as u64;
            let moved = (ipp - late_by) % ipp;
            (wanted.start.saturating_add(moved), moved)
        };
        let end = wanted.end.min(recorded.end);
        let integrations = end.saturating_sub(base).saturating_sub(late) / step;
        let window = Window {
            base,
            step,
            span: step + late,
            per_file,
            runs: Vec::new(),
            integrations: 0,
        };
        (window, integrations, moved)
    }

    /// Adds the files of the grid that hold integrations, before number `end`, with samples of a
    /// stretch.
    fn cover(&mut self, stretch: &Range<u64>, end: u64) {
        let first = stretch.start.saturating_sub(self.base) / self.step;
        let last = stretch
            .end
            .saturating_sub(self.base)
            .div_ceil(self.step)
            .min(end);
        if first >= last {
            return;
        }
        let per_file = self.per_file as u64;
        let files = first / per_file..(last - 1) / per_file + 1;
        match self.runs.last_mut() {
            Some(run) if run.files.end >= files.start => {
                run.files.end = run.files.end.max(files.end);
            }
            before => {
                let number = before.map_or(0, |run| run.number + run.len());
                self.runs.push(Run { files, number });
            }
        }
    }

    /// Counts the integrations: every file is full, but that in which the grid ends.
    fn count(&mut self, end: u64) {
        self.integrations = self.runs.last().map_or(0, |run| {
            let full = (run.number + run.len() - 1).saturating_mul(self.per_file);
            let last = end - (run.files.end - 1) * self.per_file as u64;
            full.saturating_add(last.min(self.per_file as u64) as usize)
        });
    }

    /// What lies between stretches, of those that the window touches.
    pub(super) fn gaps(&self, stretches: &[Range<u64>]) -> Vec<Gap> {
        let (Some(first), Some(last)) = (self.runs.first(), self.runs.last()) else {
            return Vec::new();
        };
        let begin = self.base + first.files.start * self.per_file as u64 * self.step;
        let end = last.files.end.saturating_mul(self.per_file as u64);
        let end = self.base.saturating_add(end.saturating_mul(self.step));
        let between = stretches.windows(2).map(|pair| pair[0].end..pair[1].start);
        let inside = between.filter(|gap| gap.start >= begin && gap.start < end && gap.end < end);
        inside
            .map(|samples| {
                let from = samples.start.saturating_sub(self.base).div_ceil(self.step);
                let to = samples.end.saturating_sub(self.base) / self.step;
                let per_file = self.per_file as u64;
                Gap {
                    integrations: to.saturating_sub(from),
                    files: (to / per_file).saturating_sub(from.div_ceil(per_file)),
                    samples,
                }
            })
            .collect()
    }

    /// The first samples of the files that are left out in a gap.
    pub(super) fn left_out(&self, gap: &Gap) -> impl Iterator<Item = u64> {
        let length = self.file_samples();
        let first = gap.samples.start.saturating_sub(self.base).div_ceil(length);
        let base = self.base;
        (first..first + gap.files).map(move |file| base + file * length)
    }

    /// The number of integrations.
    pub fn integrations(&self) -> usize {
        self.integrations
    }

    /// The number of integrations of a full file.
    pub fn per_file(&self) -> usize {
        self.per_file
    }

    /// The number of files.
    pub fn files(&self) -> usize {
        self.integrations.div_ceil(self.per_file)
    }

    /// The first sample of all files.
    pub(super) fn first_sample(&self) -> u64 {
        self.base
    }

    /// Samples of a full file, as far as they can be counted.
    pub(super) fn file_samples(&self) -> u64 {
        self.step.saturating_mul(self.per_file as u64)
    }

    /// The first sample of an integration.
    pub fn sample(&self, integration: usize) -> u64 {
        let file = self.file_of(integration);
        let run = self.runs.partition_point(|run| run.number <= file);
        // A window without files has the grid alone.
        let file = match run.checked_sub(1) {
            Some(run) => self.runs[run].files.start + (file - self.runs[run].number) as u64,
            None => file as u64,
        };
        let place = file * self.per_file as u64 + (integration % self.per_file) as u64;
        self.base + place * self.step
    }

    /// One after the last sample that an integration spans.
    pub fn end(&self, integration: usize) -> u64 {
        self.sample(integration) + self.span
    }

    /// The file that an integration goes to.
    pub fn file_of(&self, integration: usize) -> usize {
        integration / self.per_file
    }

    /// The integrations of a file.
    pub fn integrations_of(&self, file: usize) -> Range<usize> {
        let start = file.saturating_mul(self.per_file);
        start..start.saturating_add(self.per_file).min(self.integrations)
    }

    /// The file of a live window whose samples hold `sample`.
    pub(super) fn file_at(&self, sample: u64) -> usize {
        (sample.saturating_sub(self.base) / self.file_samples()) as usize
    }

    /// The integration after one when every `stride`-th file is done: the next of its file, or the
    /// first of the next file.
    pub(super) fn following(&self, integration: usize, stride: usize) -> Option<usize> {
        let file = self.file_of(integration);
        let next = if integration + 1 < self.integrations_of(file).end {
            integration + 1
        } else {
            file.checked_add(stride)?.checked_mul(self.per_file)?
        };
        (next < self.integrations).then_some(next)
    }
}

impl Run {
    fn len(&self) -> usize {
        (self.files.end - self.files.start) as usize
    }
}

/// The samples within the limits.
fn wanted(
    recorded: &Range<u64>,
    extent: &str,
    (start, end): (Option<TimeLimit>, Option<TimeLimit>),
    rate: Rate,
) -> Result<Wanted> {
    let limit = |which, limit: Option<TimeLimit>, range: RangeInclusive<u64>, default| match limit {
        None => Ok(default),
        Some(limit) => {
            let sample = limit.sample(recorded.start, rate);
            u64::try_from(sample)
                .ok()
                .filter(|s| range.contains(s))
                .ok_or_else(|| {
                    let at = instant(sample, rate);
                    Error::Request(format!(
                        "the {which} ({at}) lies outside the recording ({extent}); choose one inside"
                    ))
                })
        }
    };
    let wanted = Wanted {
        start: limit(
            "start",
            start,
            recorded.start..=recorded.end.saturating_sub(1),
            recorded.start,
        )?,
        end: limit("end", end, recorded.start..=recorded.end, recorded.end)?,
        is_whole: start.is_none(),
    };
    if wanted.end <= wanted.start {
        return Err(Error::Request(format!(
            "the end ({}) is not after the start ({})",
            instant(wanted.end.into(), rate),
            instant(wanted.start.into(), rate)
        )));
    }
    Ok(wanted)
}

/// A sample's instant, for messages.
pub(super) fn instant(sample: i128, rate: Rate) -> String {
    let microseconds = u64::try_from(sample)
        .ok()
        .and_then(|sample| i64::try_from(rate.time_of(sample, Unit::Microseconds)).ok());
    microseconds
        .and_then(|us| format_utc(us).ok())
        .unwrap_or_else(|| format!("sample {sample}"))
}

#[cfg(test)]
mod tests;
