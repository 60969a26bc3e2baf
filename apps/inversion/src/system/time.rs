use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use super::blocks::Block;
use crate::{Error, Result};

/// A time-domain system: a current in a loop, and windows in which receivers average.
#[derive(Clone, Debug)]
pub struct TimeSystem {
    /// Its name.
    pub name: String,
    /// Turns of the transmitter.
    pub turns: f64,
    /// A, by which the waveform is multiplied.
    pub peak_current: f64,
    /// m2.
    pub loop_area: f64,
    /// Hz.
    pub base_frequency: f64,
    /// Samples of the waveform per second.
    pub digitising_frequency: f64,
    /// What the waveform is.
    pub waveform: Waveform,
    /// Time in s and value, at least half a period; the other half is its negative.
    pub points: Vec<[f64; 2]>,
    /// Begin and end in s.
    pub windows: Vec<[f64; 2]>,
    /// How samples in a window are weighted.
    pub weighting: Weighting,
    /// Cut-off frequencies in Hz, and orders.
    pub low_pass: Vec<(f64, i32)>,
    /// Radius in m of a loop that is no dipole; 0 for a dipole.
    pub loop_radius: f64,
    /// What is measured.
    pub output: Output,
    /// What x, y and z are multiplied with.
    pub scaling: [f64; 3],
    /// Frequencies per decade at which the earth's response is computed.
    pub frequencies_per_decade: usize,
    /// Nodes of a Hankel transform.
    pub abscissae: usize,
}

/// What the points of a waveform are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waveform {
    /// The current in the transmitter.
    Current,
    /// What the receiver sees of it.
    Received,
}

/// How samples in a window are weighted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighting {
    /// By the part of the window that is nearest.
    AreaUnderCurve,
    /// Equally.
    Boxcar,
    /// As a trapezoid that is three times as long at its foot.
    LinearTaper,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// The magnetic field.
    B,
    /// Its change with time.
    DbDt,
}

/// How far a sample may be outside of a window and is still in it, in s.
const ON_THE_EDGE: f64 = 1e-7;

/// Most of anything that a file promises: samples of a period, windows, nodes.
const MOST: f64 = 1e7;

impl TimeSystem {
    /// Understands a system file in blocks, as GA-AEM writes them. A waveform may stand in a file
    /// of its own, beside `path`.
    ///
    /// # Errors
    /// The text lacks something or asks for something that is not supported; `path` is named in the
    /// message.
    pub fn parse(path: &Path, text: &str) -> Result<TimeSystem> {
        let file = Block::parse(path, text)?;
        let system = file.block("System")?;
        let (transmitter, receiver) = (system.block("Transmitter")?, system.block("Receiver")?);
        let modelling = system.block("ForwardModelling")?;
        if let Some(kind) = system.text("Type")
            && !kind.eq_ignore_ascii_case("Time Domain")
        {
            return Err(system.error(Some("Type"), &format!("Type {kind} is not Time Domain")));
        }
        let normalisation = modelling
            .text("SecondaryFieldNormalisation")
            .unwrap_or("none");
        if !normalisation.eq_ignore_ascii_case("none") {
            return Err(modelling.error(
                Some("SecondaryFieldNormalisation"),
                &format!("{normalisation} is not supported: only none is"),
            ));
        }
        let (waveform, points) = waveform(path, transmitter)?;
        let read = TimeSystem {
            name: system.text("Name").unwrap_or_default().to_owned(),
            turns: transmitter.number("NumberOfTurns")?,
            peak_current: transmitter.number("PeakCurrent")?,
            loop_area: transmitter.number("LoopArea")?,
            base_frequency: transmitter.number("BaseFrequency")?,
            digitising_frequency: transmitter.number("WaveformDigitisingFrequency")?,
            waveform,
            points,
            windows: windows(receiver)?,
            weighting: weighting(receiver)?,
            low_pass: low_pass(receiver)?,
            loop_radius: modelling.number_or("ModellingLoopRadius", 0.0)?,
            output: output(modelling)?,
            scaling: [
                modelling.number_or("XOutputScaling", 0.0)?,
                modelling.number_or("YOutputScaling", 0.0)?,
                modelling.number_or("ZOutputScaling", 0.0)?,
            ],
            frequencies_per_decade: modelling.number("FrequenciesPerDecade")? as usize,
            abscissae: modelling.number("NumberOfAbsiccaInHankelTransformEvaluation")? as usize,
        };
        read.check(transmitter, modelling)?;
        match read.problem_of_windows() {
            Some(problem) => Err(receiver.block("WindowTimes")?.error(None, &problem)),
            None => Ok(read),
        }
    }

    /// The number of samples of a period.
    pub fn samples(&self) -> usize {
        (self.digitising_frequency / self.base_frequency).floor() as usize
    }

    /// The samples of a period that are in a window, the first and the last; `None` where there are
    /// none.
    pub fn samples_in(&self, [begin, end]: [f64; 2]) -> Option<RangeInclusive<usize>> {
        let time = |i: &usize| *i as f64 / self.digitising_frequency;
        let first = (0..self.samples()).find(|i| time(i) + ON_THE_EDGE >= begin)?;
        let last = (0..self.samples()).rfind(|i| time(i) - ON_THE_EDGE <= end)?;
        (first <= last).then_some(first..=last)
    }

    /// What is wrong with the windows, if something is: an average over nothing is no number.
    pub(super) fn problem_of_windows(&self) -> Option<String> {
        let mut windows = self.windows.iter().enumerate();
        let empty = windows.find(|(_, window)| self.samples_in(**window).is_none());
        empty.map(|(index, [begin, end])| {
            format!(
                "window {} from {begin} s to {end} s has no sample of the waveform: it must lie in \
                 the period, and be wider than 1 / WaveformDigitisingFrequency",
                index + 1
            )
        })
    }

    /// The same system with a waveform of `times` as many samples.
    ///
    /// # Errors
    /// A period would have too many samples.
    pub fn digitised(mut self, times: u32) -> Result<TimeSystem> {
        self.digitising_frequency *= f64::from(times);
        let samples = self.digitising_frequency / self.base_frequency;
        if times == 0 || samples > MOST {
            return Err(Error::Request(format!(
                "a waveform of {samples} samples: 1 to {MOST} are possible"
            )));
        }
        Ok(self)
    }

    /// What the low-pass filters let through at the highest frequency that the samples of the
    /// waveform hold, 0 to 1. Above 0.1 the windows depend on the digitising frequency.
    pub fn passed_at_nyquist(&self) -> f64 {
        let nyquist = 0.5 * self.digitising_frequency;
        let filters = self.low_pass.iter();
        filters
            .map(|(cut_off, order)| 1.0f64.hypot(nyquist / cut_off).powi(-order))
            .product()
    }

    fn check(&self, transmitter: &Block, modelling: &Block) -> Result<()> {
        let positive = [
            ("BaseFrequency", self.base_frequency),
            ("WaveformDigitisingFrequency", self.digitising_frequency),
        ];
        for (key, value) in positive {
            if value <= 0.0 {
                return Err(
                    transmitter.error(Some(key), &format!("{key}: {value} is not positive"))
                );
            }
        }
        let samples = (self.digitising_frequency / self.base_frequency).floor();
        if !(4.0..=MOST).contains(&samples) || !(samples as usize).is_multiple_of(2) {
            let problem = format!(
                "a period of {samples} samples (WaveformDigitisingFrequency / BaseFrequency): an \
                 even number from 4 to {MOST} is needed"
            );
            return Err(transmitter.error(Some("WaveformDigitisingFrequency"), &problem));
        }
        let (first, last) = (self.points[0][0], self.points[self.points.len() - 1][0]);
        if last - first < 0.5 / self.base_frequency {
            let problem = "the waveform is shorter than half a period";
            return Err(transmitter.error(None, problem));
        }
        let ranges = [
            (
                "FrequenciesPerDecade",
                self.frequencies_per_decade,
                1..=1000,
            ),
            (
                "NumberOfAbsiccaInHankelTransformEvaluation",
                self.abscissae,
                2..=10_000,
            ),
        ];
        for (key, value, range) in ranges {
            if !range.contains(&value) {
                let problem = format!(
                    "{key}: {value} is not from {} to {}",
                    range.start(),
                    range.end()
                );
                return Err(modelling.error(Some(key), &problem));
            }
        }
        Ok(())
    }
}

/// The waveform: a received one before a current, a file before what stands in the block.
fn waveform(path: &Path, transmitter: &Block) -> Result<(Waveform, Vec<[f64; 2]>)> {
    let names = [
        (Waveform::Received, "WaveFormReceived"),
        (Waveform::Current, "WaveFormCurrent"),
    ];
    for (kind, name) in names {
        let Some(block) = transmitter.optional_block(name) else {
            continue;
        };
        let points = match block.text("File") {
            Some(file) => {
                let beside = path.parent().unwrap_or(Path::new(".")).join(file);
                let text = fs::read_to_string(&beside).map_err(Error::io(&beside))?;
                Block::parse(&beside, &text)?.pairs()?
            }
            None => block.pairs()?,
        };
        if points.len() < 2 || points.windows(2).any(|pair| pair[1][0] <= pair[0][0]) {
            let problem = format!("{name}: at least two points are needed, their times rising");
            return Err(block.error(None, &problem));
        }
        return Ok((kind, points));
    }
    Err(transmitter.error(
        None,
        "Transmitter has no waveform: WaveFormCurrent or WaveFormReceived",
    ))
}

fn windows(receiver: &Block) -> Result<Vec<[f64; 2]>> {
    let block = receiver.block("WindowTimes")?;
    let mut windows = block.pairs()?;
    let count = receiver.number("NumberOfWindows")?;
    if windows.is_empty() || (windows.len() as f64 - count).abs() > 0.0 {
        let problem = format!("{} windows where NumberOfWindows is {count}", windows.len());
        return Err(block.error(None, &problem));
    }
    let shift = receiver.number_or("TimeShift", 0.0)?;
    for window in &mut windows {
        if window[1] < window[0] {
            let problem = format!(
                "a window ends at {} before it begins at {}",
                window[1], window[0]
            );
            return Err(block.error(None, &problem));
        }
        *window = window.map(|time| time + shift);
    }
    Ok(windows)
}

fn weighting(receiver: &Block) -> Result<Weighting> {
    let key = "WindowWeightingScheme";
    match receiver
        .text(key)
        .unwrap_or_default()
        .to_ascii_lowercase()
        .as_str()
    {
        "areaundercurve" => Ok(Weighting::AreaUnderCurve),
        "boxcar" => Ok(Weighting::Boxcar),
        "lineartaper" => Ok(Weighting::LinearTaper),
        other => Err(receiver.error(
            Some(key),
            &format!("{key}: {other:?} is none of AreaUnderCurve, Boxcar, LinearTaper"),
        )),
    }
}

fn low_pass(receiver: &Block) -> Result<Vec<(f64, i32)>> {
    let Some(block) = receiver.optional_block("LowPassFilter") else {
        return Ok(Vec::new());
    };
    let (frequencies, orders) = (block.numbers("CutOffFrequency")?, block.numbers("Order")?);
    let is_right = frequencies.len() == orders.len()
        && frequencies.iter().all(|f| *f > 0.0)
        && orders
            .iter()
            .all(|order| (0.0..=100.0).contains(order) && order.fract() == 0.0);
    if !is_right {
        let problem =
            "CutOffFrequency (Hz, positive) and Order (whole) must have one value per filter";
        return Err(block.error(Some("CutOffFrequency"), problem));
    }
    Ok(frequencies
        .into_iter()
        .zip(orders.into_iter().map(|order| order as i32))
        .collect())
}

fn output(modelling: &Block) -> Result<Output> {
    match modelling
        .text("OutputType")
        .unwrap_or_default()
        .to_ascii_lowercase()
        .as_str()
    {
        "b" => Ok(Output::B),
        "db/dt" => Ok(Output::DbDt),
        other => Err(modelling.error(
            Some("OutputType"),
            &format!("OutputType: {other:?} is neither B nor dB/dt"),
        )),
    }
}
