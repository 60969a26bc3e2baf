mod pulses;
mod rows;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jobwise_figures::{Axis, Figure, HeatMap, Panel};
use jobwise_kit::Inputs;

use super::raw::{self, Power};
use super::{Picture, RangeOf, RangeUnit, Table, most_cells};
use crate::clock::{Rate, TimeLimit, Unit, format_utc};
use crate::drf::{Channel, Recording};
use crate::experiment::Experiment;
use crate::parameters::Timing;
use crate::product::epoch_unix;
use crate::pulses::PulseOrigin;
use crate::units::{LengthUnit, metres_per_sample};
use crate::{Error, Result};
use pulses::{origin, pulses_within};
use rows::{hidden, rows};

/// What to show of a recording.
#[derive(Clone, Debug)]
pub struct RtiRequest {
    /// The sub-channel that is shown; without one, the first, and that is said where there are
    /// several.
    pub subchannel: Option<usize>,
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
        let channel = Recording::open(&request.recording)?
            .channel_with(&experiment.rx_channel, Arc::clone(&request.inputs))?;
        if let Some(warning) = channel.choice_of(request.subchannel)? {
            log::warn!("{warning}");
        }
        let rate = channel.properties().rate;
        let name = experiment.rx_channel.clone();
        let experiment = experiment.sampled_at(rate, &name)?;
        let timing = Timing::new(&experiment)?;
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
            subchannel: self.request.subchannel.unwrap_or(0),
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
                RangeOf::OneWay => format!("Monostatic range [{unit}]"),
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
