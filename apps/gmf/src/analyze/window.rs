//! Which samples of a recording are analysed, and how they are dealt to integrations and files.

mod file_range;
mod gaps;
mod wanted;

use std::ops::Range;

use crate::Result;
use crate::clock::{Rate, TimeLimit, Unit, format_utc};
use crate::parameters::Parameters;
use file_range::FileRange;
pub(super) use gaps::Gap;
use wanted::Wanted;

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
    ranges: Vec<FileRange>,
    integrations: usize,
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
        let wanted = Wanted::within(recorded, &extent, limits, rate)?;
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
        let wanted = Wanted::within(&recorded, &extent, limits, rate)?;
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
            ranges: Vec::new(),
            integrations: 0,
        };
        (window, integrations, moved)
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
        let range = self.ranges.partition_point(|range| range.number <= file);
        // A window without files has the grid alone.
        let file = match range.checked_sub(1) {
            Some(range) => {
                self.ranges[range].files.start + (file - self.ranges[range].number) as u64
            }
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
