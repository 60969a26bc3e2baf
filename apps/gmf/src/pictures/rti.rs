use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use jobwise_figures::{Axis, Figure, HeatMap, Panel};
use jobwise_kit::Inputs;

use super::raw::{self, Power};
use super::{Picture, RangeOf, Table, most_cells};
use crate::analyze::TimeLimit;
use crate::clock::{Rate, Unit, format_utc};
use crate::drf::{Channel, Recording};
use crate::experiment::Experiment;
use crate::parameters::Timing;
use crate::product::epoch_unix;
use crate::pulses::{Known, Look, PulseOrigin, asked_for, find};
use crate::units::{LengthUnit, metres_per_sample};
use crate::{Error, Result};

/// The unit of ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeUnit {
    /// Samples from the start of the inter-pulse period.
    Sample,
    /// A length, from the start of transmission.
    Length(LengthUnit),
}

impl FromStr for RangeUnit {
    type Err = Error;

    /// Reads `sample` or the name of a [`LengthUnit`].
    fn from_str(text: &str) -> Result<RangeUnit> {
        if text.eq_ignore_ascii_case("sample") {
            return Ok(RangeUnit::Sample);
        }
        text.parse().map(RangeUnit::Length).map_err(|_: Error| {
            let names = LengthUnit::ALL.map(LengthUnit::name).join(", ");
            Error::Request(format!(
                "{text:?} is no unit of range: choose of sample, {names}"
            ))
        })
    }
}

/// What to show of a recording.
#[derive(Clone, Debug)]
pub struct RtiRequest {
    /// The recording; its `metadata.ini` names the channel and the windows.
    pub recording: PathBuf,
    /// Start and end.
    pub limits: (Option<TimeLimit>, Option<TimeLimit>),
    /// Time and range on the axes, instead of pulse and sample.
    pub axis_units: bool,
    /// Logarithms of the power.
    pub log: bool,
    /// Shows transmission and calibration too.
    pub keep_tx: bool,
    /// Which ranges are meant and shown.
    pub path: RangeOf,
    /// Least and largest range, in `unit`.
    pub ranges: (Option<f64>, Option<f64>),
    /// The unit of `ranges` and, with `axis_units`, of the axis.
    pub unit: RangeUnit,
    /// Where pulses are counted from, instead of what the recording shows.
    pub pulse_origin: Option<PulseOrigin>,
    /// What becomes of files that cannot be used.
    pub inputs: Arc<Inputs>,
}

/// A range-time intensity to be: which samples of a recording, and how they are shown.
#[derive(Debug)]
pub struct Rti {
    request: RtiRequest,
    channel: Channel,
    rate: Rate,
    timing: Timing,
    samples: Range<u64>,
    /// Where among these there may be some.
    stretches: Vec<Range<u64>>,
    rows: Range<usize>,
    hidden: Vec<Range<usize>>,
}

impl Rti {
    /// Finds the samples. Only whole inter-pulse periods count, as the pulse origin or the
    /// transmission has them; what is worth saying about that is said.
    ///
    /// # Errors
    /// When the recording or its metadata cannot be read, or a limit leaves nothing.
    pub fn new(request: RtiRequest) -> Result<Rti> {
        let experiment = Experiment::read(&request.recording.join("metadata.ini"))?;
        let timing = Timing::new(&experiment)?;
        let channel = Recording::open(&request.recording)?
            .channel_with(&experiment.rx_channel, Arc::clone(&request.inputs))?;
        let rate = channel.properties().rate;
        if rate != Rate::hertz(experiment.sample_rate as u64)? {
            return Err(experiment.wrong(
                "sample_rate",
                format!("{} Hz, but the channel has {rate}", experiment.sample_rate),
            ));
        }
        let recorded = channel.bounds()?.ok_or_else(|| Error::Format {
            path: channel.directory().to_path_buf(),
            problem: "holds no samples".to_owned(),
        })?;
        let stretches = channel.stretches(&recorded, timing.ipp as u64)?;
        let origin = origin(&request, &experiment, &channel, &stretches, recorded.start)?;
        let samples = pulses_within(&recorded, origin, request.limits, rate, timing.ipp as u64)?;
        let stretches = stretches
            .into_iter()
            .map(|stretch| stretch.start.max(samples.start)..stretch.end.min(samples.end))
            .filter(|stretch| !stretch.is_empty())
            .collect();
        let rows = rows(&request, &timing, rate)?;
        let hidden = if request.keep_tx {
            Vec::new()
        } else {
            hidden(&experiment, &timing)
        };
        Ok(Rti {
            request,
            channel,
            rate,
            timing,
            samples,
            stretches,
            rows,
            hidden,
        })
    }

    /// The number of pulses shown.
    pub fn pulses(&self) -> usize {
        ((self.samples.end - self.samples.start) / self.timing.ipp as u64) as usize
    }

    /// What would be read and shown, in words.
    ///
    /// # Errors
    /// When the recording lies beyond the calendar.
    pub fn plan(&self) -> Result<String> {
        Ok(format!(
            "channel  {}\npulses   {} of {} samples from {}\nsamples  {} to {} of each pulse\n",
            self.channel.directory().display(),
            self.pulses(),
            self.timing.ipp,
            format_utc(self.instant(self.samples.start))?,
            self.rows.start,
            self.rows.end,
        ))
    }

    /// Reads the samples, reduces them to pixels as they come, and draws. `progress` is told how
    /// many pulses are read.
    ///
    /// # Errors
    /// When the samples cannot be read.
    pub fn draw(&self, size: (u32, u32), progress: impl FnMut(usize)) -> Result<(Picture, Table)> {
        let power = Power {
            channel: &self.channel,
            samples: self.samples.clone(),
            stretches: &self.stretches,
            pulse: self.timing.ipp as usize,
            rows: self.rows.clone(),
            hidden: &self.hidden,
        };
        let grid = raw::read(&power, most_cells(size, 1), progress)?;
        let (x, y) = (grid.span_columns(self.across()), grid.span_rows(self.up()));
        let mut cells = grid.cells();
        let what = if self.request.log {
            cells.mapv_inplace(|power| if power > 0.0 { power.log10() } else { f64::NAN });
            "log10 of power |z|\u{b2}"
        } else {
            "power |z|\u{b2}"
        };
        let heat = HeatMap::new(what, cells, x, y).between_quantiles(0.01, 0.999);
        let (time, range) = self.labels();
        let table = Table {
            name: "rti",
            csv: heat.to_csv(&format!("{} \\ {range}", time.1)),
        };
        let across = if self.request.axis_units {
            Axis::utc(time.0)
        } else {
            Axis::linear(time.0)
        };
        let panel = Panel::new(
            &format!("{} pulses, {} samples each", self.pulses(), self.rows.len()),
            across.limits(self.across()),
            Axis::linear(&range).limits(self.up()),
        );
        let title = format!(
            "{} of {} from {}",
            named(self.channel.directory()),
            named(&self.request.recording),
            format_utc(self.instant(self.samples.start))?
        );
        let figure = Figure::new(&title, size).panels(1, [panel.heat(heat)]);
        Ok((
            Picture {
                name: "rti",
                figure,
            },
            table,
        ))
    }

    fn instant(&self, sample: u64) -> i64 {
        i64::try_from(self.rate.time_of(sample, Unit::Microseconds)).unwrap_or(i64::MAX)
    }

    /// The label of the time axis and, for the table, its name and unit; the label of the range
    /// axis.
    fn labels(&self) -> ((&'static str, &'static str), String) {
        let time = if self.request.axis_units {
            ("Time (UTC)", "time [s since 1970]")
        } else {
            ("Pulse", "pulse")
        };
        let range = match self.length_unit() {
            None => "Sample of the inter-pulse period".to_owned(),
            Some(unit) => match self.request.path {
                RangeOf::OneWay => format!("Range [{unit}]"),
                RangeOf::TotalPath => format!("Range of the total path [{unit}]"),
            },
        };
        (time, range)
    }

    /// What the pulses span on their axis: a pulse lies in the middle of its column.
    fn across(&self) -> Range<f64> {
        if self.request.axis_units {
            let seconds = |sample| epoch_unix(sample, self.rate);
            seconds(self.samples.start)..seconds(self.samples.end)
        } else {
            -0.5..self.pulses() as f64 - 0.5
        }
    }

    /// What the samples of a pulse span on their axis.
    fn up(&self) -> Range<f64> {
        let place = |edge: f64| match self.length_unit() {
            None => edge,
            Some(unit) => {
                let path =
                    (edge - self.timing.tx_start as f64) * metres_per_sample(self.rate.as_f64());
                path / self.request.path.ways() / unit.metres()
            }
        };
        place(self.rows.start as f64 - 0.5)..place(self.rows.end as f64 - 0.5)
    }

    /// The unit of the range axis; `None` for samples.
    fn length_unit(&self) -> Option<LengthUnit> {
        match self.request.unit {
            RangeUnit::Length(unit) if self.request.axis_units => Some(unit),
            _ => None,
        }
    }
}

/// The name of a directory without those above it.
fn named(directory: &Path) -> String {
    let name = directory.file_name().unwrap_or(directory.as_os_str());
    name.to_string_lossy().into_owned()
}

/// The channel of the transmission where it is one of its own, and can be used.
fn transmission(request: &RtiRequest, experiment: &Experiment) -> Result<Option<Channel>> {
    let name = &experiment.tx_channel;
    if *name == experiment.rx_channel {
        return Ok(None);
    }
    let recording = Recording::open(&request.recording)?;
    if !recording.channels().contains(name) {
        log::warn!(
            "{}: has no channel {name} of the transmission; pulses are looked for in {}",
            request.recording.display(),
            experiment.rx_channel
        );
        return Ok(None);
    }
    let opened = recording.channel_with(name, Arc::clone(&request.inputs));
    opened.map(Some).or_else(|error| {
        let path = request.recording.join(name);
        request.inputs.pass_over(&path, error).map(|()| None)
    })
}

/// A sample at which an inter-pulse period begins.
fn origin(
    request: &RtiRequest,
    experiment: &Experiment,
    channel: &Channel,
    stretches: &[Range<u64>],
    first: u64,
) -> Result<u64> {
    let (rate, timing) = (channel.properties().rate, Timing::new(experiment)?);
    let start = request.limits.0.map(|limit| limit.sample(first, rate));
    let other = transmission(request, experiment)?;
    let known = Known {
        fixed: asked_for(request.pulse_origin, experiment, rate)?,
        start: start
            .and_then(|start| u64::try_from(start).ok())
            .filter(|&start| start >= first),
        first,
    };
    let look = Look::new(other.as_ref().unwrap_or(channel), stretches, &timing)?;
    let found = find(known, &look, &timing, rate);
    if let Some(warning) = found.warning {
        log::warn!("{warning}");
    }
    Ok(found.origin)
}

/// The samples of the whole inter-pulse periods within the limits.
fn pulses_within(
    recorded: &Range<u64>,
    origin: u64,
    (start, end): (Option<TimeLimit>, Option<TimeLimit>),
    rate: Rate,
    ipp: u64,
) -> Result<Range<u64>> {
    let sample = |limit: Option<TimeLimit>, default: u64| match limit {
        None => default,
        // Limits beyond the recording show all there is.
        Some(limit) => {
            let (first, last) = (i128::from(recorded.start), i128::from(recorded.end));
            limit.sample(recorded.start, rate).clamp(first, last) as u64
        }
    };
    let (start, end) = (sample(start, recorded.start), sample(end, recorded.end));
    // Periods from the origin on, which may lie anywhere.
    let (origin, wide) = (i128::from(origin), i128::from(ipp));
    let up = (origin - i128::from(start)).rem_euclid(wide) as u64;
    let down = (i128::from(end) - origin).rem_euclid(wide) as u64;
    let (first, last) = (start.saturating_add(up), end.saturating_sub(down));
    if last <= first {
        let instant = |sample| {
            let microseconds = rate.time_of(sample, Unit::Microseconds);
            format_utc(i64::try_from(microseconds).unwrap_or(i64::MAX))
        };
        return Err(Error::Request(format!(
            "there is no whole pulse of {ipp} samples between those limits; the recording lasts from {} to {}",
            instant(recorded.start)?,
            instant(recorded.end)?
        )));
    }
    Ok(first..last)
}

/// The samples of a pulse that lie within the ranges asked for.
fn rows(request: &RtiRequest, timing: &Timing, rate: Rate) -> Result<Range<usize>> {
    let sample = |range: Option<f64>, default: i64| match (range, request.unit) {
        (None, _) => default,
        (Some(range), RangeUnit::Sample) => range.round() as i64,
        (Some(range), RangeUnit::Length(unit)) => {
            let path = range * unit.metres() * request.path.ways();
            let delay = (path / metres_per_sample(rate.as_f64())).round() as i64;
            timing.tx_start.saturating_add(delay)
        }
    };
    let start = sample(request.ranges.0, 0);
    let end = sample(request.ranges.1, timing.ipp);
    if start < 0 || end > timing.ipp || start >= end {
        return Err(Error::Request(format!(
            "the ranges asked for are samples {start} to {end}; they must rise and lie within the {} samples of a pulse",
            timing.ipp
        )));
    }
    Ok(start as usize..end as usize)
}

/// The samples of a pulse during which the radar transmits or measures injected noise.
fn hidden(experiment: &Experiment, timing: &Timing) -> Vec<Range<usize>> {
    let samples = |microseconds: f64| {
        let samples = microseconds * 1e-6 * experiment.sample_rate as f64;
        samples.round_ties_even().clamp(0.0, timing.ipp as f64) as usize
    };
    let transmitted = timing.tx_start as usize..timing.tx_end as usize;
    let injected = experiment.cal_on.zip(experiment.cal_off);
    let injected = injected.map(|(on, off)| samples(on)..samples(off));
    std::iter::once(transmitted).chain(injected).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_pulses_count_and_the_first_is_one() {
        let rate = Rate::hertz(1000).unwrap();
        let within = |start: Option<f64>, end: Option<f64>| {
            let limits = (start.map(TimeLimit::Relative), end.map(TimeLimit::Relative));
            pulses_within(&(5_000..5_095), 5_000, limits, rate, 10)
        };
        assert_eq!(within(None, None).unwrap(), 5_000..5_090);
        assert_eq!(within(Some(0.0), Some(0.02)).unwrap(), 5_000..5_020);
        assert_eq!(within(Some(0.001), Some(0.029)).unwrap(), 5_010..5_020);
        assert_eq!(within(Some(-7.0), Some(1e9)).unwrap(), 5_000..5_090);
        let message = within(Some(0.021), Some(0.039)).unwrap_err().to_string();
        assert!(
            message.contains("no whole pulse of 10 samples"),
            "{message}"
        );
        assert!(within(Some(0.05), Some(0.02)).is_err());
    }

    #[test]
    fn units_of_range() {
        assert_eq!("Sample".parse::<RangeUnit>().unwrap(), RangeUnit::Sample);
        assert_eq!(
            "ld".parse::<RangeUnit>().unwrap(),
            RangeUnit::Length(LengthUnit::LunarDistance)
        );
        let message = "mile".parse::<RangeUnit>().unwrap_err().to_string();
        assert!(message.contains("sample, m, km"), "{message}");
    }
}
