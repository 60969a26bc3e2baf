//! Which samples of a recording are analysed, and how they are dealt to integrations and files.

use std::ops::Range;

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

/// The integrations of an analysis: where they start and which file each goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    start: u64,
    step: u64,
    /// Samples that an integration spans: its step, and the periods that its echoes come late.
    span: u64,
    integrations: usize,
    per_file: usize,
}

impl Window {
    /// The integrations that lie whole within `recorded` (exclusive end) and the limits. A start that is off the grid of
    /// pulses is moved up to the next one, and the second value tells by how many samples.
    ///
    /// # Errors
    /// When a limit lies outside the recording, or the end is not after the start.
    pub fn new(
        recorded: Range<u64>,
        limits: (Option<TimeLimit>, Option<TimeLimit>),
        rate: Rate,
        parameters: &Parameters,
    ) -> Result<(Window, u64)> {
        let until = instant(recorded.end.into(), rate);
        let extent = format!("{} to {until}", instant(recorded.start.into(), rate));
        Window::within(recorded, &extent, limits, rate, parameters)
    }

    /// As [`new`](Self::new), for a recording that goes on: without an end limit the integrations have no end, and a limit
    /// may lie in the future.
    ///
    /// # Errors
    /// When a limit lies before the first sample, or the end is not after the start.
    pub fn live(
        first: u64,
        limits: (Option<TimeLimit>, Option<TimeLimit>),
        rate: Rate,
        parameters: &Parameters,
    ) -> Result<(Window, u64)> {
        let extent = format!("from {}", instant(first.into(), rate));
        Window::within(first..u64::MAX, &extent, limits, rate, parameters)
    }

    fn within(
        recorded: Range<u64>,
        extent: &str,
        (start, end): (Option<TimeLimit>, Option<TimeLimit>),
        rate: Rate,
        parameters: &Parameters,
    ) -> Result<(Window, u64)> {
        let limit = |which, limit: Option<TimeLimit>, default| match limit {
            None => Ok(default),
            Some(limit) => {
                let sample = limit.sample(recorded.start, rate);
                u64::try_from(sample)
                    .ok()
                    .filter(|s| (recorded.start..=recorded.end).contains(s))
                    .ok_or_else(|| {
                        let at = instant(sample, rate);
                        Error::Request(format!(
                            "the {which} ({at}) lies outside the recording ({extent}); choose one inside"
                        ))
                    })
            }
        };
        let wanted = limit("start", start, recorded.start)?;
        let end = limit("end", end, recorded.end)?;
        if end <= wanted {
            return Err(Error::Request(format!(
                "the end ({}) is not after the start ({})",
                instant(end.into(), rate),
                instant(wanted.into(), rate)
            )));
        }
        let ipp = parameters.ipp_samp as u64;
        let late_by = (wanted - recorded.start) % ipp;
        let start = wanted.saturating_add((ipp - late_by) % ipp);
        let step = parameters.integration_step() as u64;
        let late = parameters.ipp_offset as u64 * ipp;
        let integrations = (end.saturating_sub(start).saturating_sub(late) / step) as usize;
        let window = Window {
            start,
            step,
            span: step + late,
            integrations,
            per_file: parameters.num_cohints_per_file,
        };
        Ok((window, start - wanted))
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

    /// The first sample of an integration.
    pub fn sample(&self, integration: usize) -> u64 {
        self.start + integration as u64 * self.step
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
        let start = file * self.per_file;
        start..(start + self.per_file).min(self.integrations)
    }

    /// The integration after one when every `stride`-th file is done: the next of its file, or the first of the next file.
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
fn instant(sample: i128, rate: Rate) -> String {
    let microseconds = u64::try_from(sample)
        .ok()
        .and_then(|sample| i64::try_from(rate.time_of(sample, Unit::Microseconds)).ok());
    microseconds
        .and_then(|us| format_utc(us).ok())
        .unwrap_or_else(|| format!("sample {sample}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use crate::settings::Settings;

    /// 250 kHz, IPP 10 ms = 2500 samples, 4 pulses per integration, 3 integrations per file.
    fn parameters(ipp_offset: i64) -> Parameters {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("metadata.ini");
        std::fs::write(
            &path,
            "[Experiment]\nname=t\nversion=1\nrx_channel=a\ntx_channel=a\nsample_rate=250000\nipp=10000\n\
             tx_start=80\ntx_end=480\nrx_start=0\nrx_end=10000\nradar_frequency=930\n",
        )
        .unwrap();
        let settings = Settings {
            n_ipp: 4,
            ipp_offset,
            num_cohints_per_file: 3,
            dpt_ipp_delay_parameter: 1,
            min_range_gate: 100,
            max_range_gate: 110,
            min_acceleration: -1e5,
            max_acceleration: 1e5,
            ..Settings::default()
        };
        Parameters::new(&Experiment::read(&path).unwrap(), &settings).unwrap()
    }

    const RATE: u64 = 250_000;
    const FIRST: u64 = 1_618_229_740 * RATE;

    fn window(samples: u64, limits: [Option<TimeLimit>; 2], offset: i64) -> Result<(Window, u64)> {
        let rate = Rate::hertz(RATE).unwrap();
        let limits = (limits[0], limits[1]);
        Window::new(FIRST..FIRST + samples, limits, rate, &parameters(offset))
    }

    #[test]
    fn exactly_as_many_integrations_as_fit() {
        for (samples, offset, integrations, files) in [
            (0, 0, None, 0),
            (9_999, 0, Some(0), 0),
            (10_000, 0, Some(1), 1),
            (30_000, 0, Some(3), 1),
            (40_000, 0, Some(4), 2),
            (40_000, 1, Some(3), 1),
            (42_500, 1, Some(4), 2),
        ] {
            let window = window(samples, [None, None], offset).ok().map(|w| w.0);
            assert_eq!(window.as_ref().map(Window::integrations), integrations);
            assert_eq!(window.map_or(0, |w| w.files()), files, "{samples}");
        }
    }

    #[test]
    fn limits_are_exact_and_aligned_to_pulses() {
        // 20 ms after the first sample: two pulses.
        let start = TimeLimit::Absolute(1_618_229_740_020_000);
        let (aligned, moved) = window(100_000, [Some(start), None], 0).unwrap();
        assert_eq!((aligned.sample(0), moved), (FIRST + 5000, 0));
        let start = TimeLimit::Relative(0.021);
        let (aligned, moved) = window(100_000, [Some(start), None], 0).unwrap();
        assert_eq!((aligned.sample(0), moved), (FIRST + 7500, 2250));
        assert_eq!(aligned.integrations(), 9);
        assert_eq!(aligned.integrations_of(2), 6..9);
    }

    #[test]
    fn integrations_follow_each_other_through_the_files_of_a_job() {
        // 8 integrations in files of 3.
        let (window, _) = window(80_000, [None, None], 0).unwrap();
        let from = |first, stride| {
            let order = std::iter::successors(Some(first), |&i| window.following(i, stride));
            order.collect::<Vec<_>>()
        };
        assert_eq!(from(0, 1), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(from(1, 2), [1, 2, 6, 7]);
        assert_eq!(from(3, 2), [3, 4, 5]);
        assert_eq!(from(0, usize::MAX), [0, 1, 2]);
    }

    #[test]
    fn a_live_window_is_a_finished_one_that_goes_on() {
        let rate = Rate::hertz(RATE).unwrap();
        let limits = (Some(TimeLimit::Relative(0.021)), None);
        let (live, moved) = Window::live(FIRST, limits, rate, &parameters(1)).unwrap();
        let (finished, same) = window(200_000, [limits.0, None], 1).unwrap();
        assert_eq!(moved, same);
        let last = finished.integrations() - 1;
        assert_eq!(live.sample(last), finished.sample(last));
        assert!(live.end(last) <= FIRST + 200_000);
        assert!(live.end(last + 1) > FIRST + 200_000);
        assert!(live.integrations() > 1 << 40);
        let end = Some(TimeLimit::Relative(40.021));
        let (limited, _) = Window::live(FIRST, (limits.0, end), rate, &parameters(1)).unwrap();
        assert_eq!(limited.integrations(), 999);
        let early = (Some(TimeLimit::Relative(-1.0)), None);
        let error = Window::live(FIRST, early, rate, &parameters(1)).unwrap_err();
        assert!(
            error.to_string().contains("(from 2021-04-12T12:15:40"),
            "{error}"
        );
    }

    #[test]
    fn limits_outside_the_recording_are_errors() {
        let message = |start, end| window(100_000, [start, end], 0).unwrap_err().to_string();
        let early = message(Some(TimeLimit::Relative(-1e-5)), None);
        assert!(
            early.contains("the start (2021-04-12T12:15:39.999988) lies outside"),
            "{early}"
        );
        let late = message(None, Some(TimeLimit::Relative(0.5)));
        assert!(late.contains("the end"), "{late}");
        let reversed = message(
            Some(TimeLimit::Relative(0.2)),
            Some(TimeLimit::Relative(0.1)),
        );
        assert!(reversed.contains("not after the start"), "{reversed}");
        message(Some(TimeLimit::Absolute(i64::MAX)), None);
        message(Some(TimeLimit::Relative(1e300)), None);
    }
}
