//! Everything derived from experiment and settings.
//!
//! Sample numbers count from the first sample of an integration; a *decimated* sample is the sum of
//! [`decimation`](Parameters::decimation) samples. Ranges, range rates and accelerations are those
//! of the total path (transmitter to target to receiver).

use std::ops::Range;

use crate::experiment::Experiment;
use crate::settings::{Method, Settings, ZeroFrequency};
use crate::{Error, Result};

mod axes;
#[cfg(test)]
mod tests;

/// The speed of light in m/s.
pub const SPEED_OF_LIGHT: f64 = 299_792_458.0;

/// Most samples one integration may span (2 GiB of complex samples): keeps every index inside an
/// `i32`.
pub const MAX_READ_LENGTH: i64 = 1 << 28;

/// Most elements the table of acceleration phasors may have (4 GiB).
pub const MAX_PHASORS: usize = 1 << 29;

/// What an analysis computes with. Every length and index has been checked against the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// Sample rate in Hz.
    pub sample_rate: f64,
    /// Samples per inter-pulse period (IPP).
    pub ipp_samp: usize,
    /// First receiving sample of an IPP.
    pub rx_start_samp: usize,
    /// End of the receiving samples of an IPP (exclusive).
    pub rx_end_samp: usize,
    /// First transmitting sample of an IPP.
    pub tx_start_samp: usize,
    /// End of the transmitting samples of an IPP (exclusive).
    pub tx_end_samp: usize,
    /// Samples per transmitted pulse.
    pub tx_pulse_samps: usize,
    /// Length of the transmitted pulse in microseconds.
    pub tx_pulse_length: f64,
    /// Radar wavelength in m.
    pub wavelength: f64,

    /// Pulses per integration.
    pub n_ipp: usize,
    /// Whole IPPs between a pulse and its echo.
    pub ipp_offset: usize,
    /// Integrations per output file.
    pub num_cohints_per_file: usize,
    /// Samples that one integration spans, its late echoes included.
    pub read_length: usize,
    /// Transmitted samples of one integration.
    pub coh_int_samps: usize,

    /// First range gate (0 is one sample after the start of transmission).
    pub min_range_gate: usize,
    /// End of the range gates (exclusive).
    pub max_range_gate: usize,
    /// Step between range gates.
    pub range_gate_step: usize,
    /// Sample of an IPP where the window of the first gate starts.
    pub il0_min: usize,
    /// Sample of an IPP where the window of the gate at `max_range_gate` would start.
    pub il0_max: usize,
    /// Range of every gate in m, without the alias offset.
    pub ranges: Vec<f64>,
    /// What a range alias adds to every range, in m.
    pub range_alias_offset: f64,

    /// Samples summed into one decimated sample.
    pub decimation: usize,
    /// Decimated samples that one integration spans: length of the Doppler spectrum.
    pub decimated_read_length: usize,
    /// Lag of the discrete polynomial transform in decimated samples.
    pub dec_tau_samp: usize,
    /// Range rate of every bin in m/s, in FFT order.
    pub range_rates: Vec<f64>,
    /// Every acceleration of the grid in m/s², ascending.
    pub accelerations: Vec<f64>,
    /// Step of that grid in m/s².
    pub acceleration_step: f64,
    /// The accelerations within the configured limits: indices into `accelerations`.
    pub selected: Range<usize>,
}

impl Parameters {
    /// Derives and checks everything.
    ///
    /// # Errors
    /// One clear message for each impossible combination: windows outside the IPP, no room for a
    /// gate, a decimation that divides neither pulse nor IPP, a lag outside the integration, no
    /// acceleration selected, and sizes beyond [`MAX_READ_LENGTH`] and [`MAX_PHASORS`].
    pub fn new(experiment: &Experiment, settings: &Settings) -> Result<Self> {
        let timing = Timing::new(experiment)?;
        let gates = Gates::new(&timing, settings)?;
        let sample_rate = experiment.sample_rate.as_f64();
        let wavelength = SPEED_OF_LIGHT / (experiment.radar_frequency * 1e6);
        let pulse = timing.tx_end - timing.tx_start;

        let span = settings
            .n_ipp
            .checked_add(settings.ipp_offset)
            .and_then(|ipps| ipps.checked_mul(timing.ipp))
            .filter(|&span| span <= MAX_READ_LENGTH)
            .ok_or_else(|| {
                settings.wrong(
                    "n_ipp",
                    format!(
                        "an integration of {} + {} IPPs of {} samples exceeds {MAX_READ_LENGTH} \
                         samples; take fewer",
                        settings.n_ipp, settings.ipp_offset, timing.ipp
                    ),
                )
            })?;
        let decimation = settings.frequency_decimation;
        for (length, what) in [(pulse, "transmitted pulse"), (timing.ipp, "IPP")] {
            if length % decimation != 0 {
                return Err(settings.wrong(
                    "frequency_decimation",
                    format!("{decimation} does not divide the {length} samples of the {what}"),
                ));
            }
        }
        let bins = span / decimation;
        let tau = lag(settings, timing.ipp, bins)?;

        let spectrum_time = bins as f64 * decimation as f64 / sample_rate;
        let grid = axes::Accelerations {
            bins: (bins - tau) as usize,
            lag: tau as f64 * decimation as f64 / sample_rate,
            duration: (bins - tau) as f64 * decimation as f64 / sample_rate,
            wavelength,
        };
        let accelerations = grid.values();
        let selected = select(settings, &accelerations, grid.step())?;
        let echo = (settings.n_ipp * pulse / decimation) as usize;
        if settings.gmf_method.searches_accelerations()
            && selected.len().saturating_mul(echo) > MAX_PHASORS
        {
            return Err(settings.wrong(
                "max_acceleration",
                format!(
                    "{} accelerations of {echo} decimated samples exceed the table of \
                     {MAX_PHASORS} phasors; narrow the limits",
                    selected.len()
                ),
            ));
        }
        Ok(Self {
            sample_rate,
            ipp_samp: timing.ipp as usize,
            rx_start_samp: timing.rx_start as usize,
            rx_end_samp: timing.rx_end as usize,
            tx_start_samp: timing.tx_start as usize,
            tx_end_samp: timing.tx_end as usize,
            tx_pulse_samps: pulse as usize,
            tx_pulse_length: experiment
                .tx_pulse_length
                .unwrap_or(1e6 * pulse as f64 / sample_rate),
            wavelength,
            n_ipp: settings.n_ipp as usize,
            ipp_offset: settings.ipp_offset as usize,
            num_cohints_per_file: settings.num_cohints_per_file as usize,
            read_length: span as usize,
            coh_int_samps: (settings.n_ipp * pulse) as usize,
            min_range_gate: (gates.min - gates.first) as usize,
            max_range_gate: (gates.max - gates.first) as usize,
            range_gate_step: gates.step,
            il0_min: gates.min as usize,
            il0_max: gates.max as usize,
            ranges: axes::ranges(
                (gates.min - gates.first) as usize,
                (gates.max - gates.first) as usize,
                gates.step,
                sample_rate,
            ),
            range_alias_offset: (settings.ipp_offset * timing.ipp) as f64 * SPEED_OF_LIGHT
                / sample_rate,
            decimation: decimation as usize,
            decimated_read_length: bins as usize,
            dec_tau_samp: tau as usize,
            range_rates: axes::range_rates(bins as usize, spectrum_time, wavelength),
            accelerations,
            acceleration_step: grid.step(),
            selected,
        })
    }

    /// Samples from one integration to the next.
    pub fn integration_step(&self) -> usize {
        self.n_ipp * self.ipp_samp
    }

    /// Samples of one pulse's receiving window: the windows of all gates together.
    pub fn rx_window_samps(&self) -> usize {
        self.il0_max - self.il0_min + self.tx_pulse_samps
    }

    /// The receiving window of a pulse, in samples from the start of the integration.
    pub fn rx_window(&self, pulse: usize) -> Range<usize> {
        let start = (pulse + self.ipp_offset) * self.ipp_samp + self.il0_min;
        start..start + self.rx_window_samps()
    }

    /// The echo of a pulse that comes `delay` samples after it (and whole IPPs), in samples from
    /// the start of the integration.
    pub fn echo_window(&self, pulse: usize, delay: usize) -> Range<usize> {
        let start = (pulse + self.ipp_offset) * self.ipp_samp + self.tx_start_samp + delay;
        start..start + self.tx_pulse_samps
    }

    /// The transmitting window of a pulse, in samples from the start of the integration.
    pub fn tx_window(&self, pulse: usize) -> Range<usize> {
        let ipp = pulse * self.ipp_samp;
        ipp + self.tx_start_samp..ipp + self.tx_end_samp
    }

    /// Decimated samples per transmitted pulse.
    pub fn decimated_pulse(&self) -> usize {
        self.tx_pulse_samps / self.decimation
    }

    /// Decimated samples per IPP.
    pub fn decimated_ipp(&self) -> usize {
        self.ipp_samp / self.decimation
    }
}

/// The windows of an IPP in samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    pub(crate) ipp: i64,
    pub(crate) rx_start: i64,
    pub(crate) rx_end: i64,
    pub(crate) tx_start: i64,
    pub(crate) tx_end: i64,
}

impl Timing {
    /// Checks that the windows are not empty and lie within the IPP.
    pub(crate) fn new(experiment: &Experiment) -> Result<Self> {
        let samples = |key: &str, microseconds: f64| {
            let samples = (microseconds * 1e-6 * experiment.sample_rate.as_f64()).round_ties_even();
            if (0.0..=MAX_READ_LENGTH as f64).contains(&samples) {
                Ok(samples as i64)
            } else {
                Err(experiment.wrong(
                    key,
                    format!(
                        "{microseconds} us is {samples} samples; it must lie from 0 to \
                         {MAX_READ_LENGTH}"
                    ),
                ))
            }
        };
        let timing = Self {
            ipp: samples("ipp", experiment.ipp as f64)?,
            rx_start: samples("rx_start", experiment.rx_start)?,
            rx_end: samples("rx_end", experiment.rx_end)?,
            tx_start: samples("tx_start", experiment.tx_start)?,
            tx_end: samples("tx_end", experiment.tx_end)?,
        };
        for (start, end, starts, ends) in [
            (timing.tx_start, timing.tx_end, "tx_start", "tx_end"),
            (timing.rx_start, timing.rx_end, "rx_start", "rx_end"),
        ] {
            if start >= end {
                return Err(experiment.wrong(
                    ends,
                    format!(
                        "the window from sample {start} ({starts}) to sample {end} ({ends}) is \
                         empty"
                    ),
                ));
            }
            if end > timing.ipp {
                return Err(experiment.wrong(
                    ends,
                    format!(
                        "the window ends at sample {end}, after the IPP of {} samples",
                        timing.ipp
                    ),
                ));
            }
        }
        if let Some(length) = experiment.tx_pulse_length {
            let (length, window) = (
                samples("tx_pulse_length", length)?,
                timing.tx_end - timing.tx_start,
            );
            if length != window {
                return Err(experiment.wrong(
                    "tx_pulse_length",
                    format!(
                        "{length} samples, but the window from tx_start to tx_end has \
                         {window}; correct or drop it"
                    ),
                ));
            }
        }
        Ok(timing)
    }
}

/// Where gates start inside an IPP, in samples.
#[derive(Clone, Copy, Debug)]
struct Gates {
    /// Gate 0.
    first: i64,
    /// The lowest gate wanted.
    min: i64,
    /// End of the gates wanted.
    max: i64,
    step: usize,
}

impl Gates {
    fn new(timing: &Timing, settings: &Settings) -> Result<Self> {
        let first = timing.tx_start + 1;
        let last = timing.rx_end - (timing.tx_end - timing.tx_start);
        let place =
            |key: &str, gate: i64| {
                let base = if gate >= 0 { first } else { last };
                base.checked_add(gate)
                    .filter(|&il0| il0 > timing.rx_start && il0 >= first && il0 <= last)
                    .ok_or_else(|| {
                        let lowest = first.max(timing.rx_start + 1) - first;
                        let highest = last - first;
                        settings.wrong(
                        key,
                        if lowest > highest {
                            "no range gate fits: the receiving window is too short for the pulse"
                                .to_owned()
                        } else {
                            format!("gate {gate} is impossible; gates run from {lowest} to \
                                     {highest}, negative ones count from {highest}")
                        },
                    )
                    })
            };
        let min = place("min_range_gate", settings.min_range_gate)?;
        let max = place("max_range_gate", settings.max_range_gate)?;
        if max <= min {
            return Err(settings.wrong(
                "max_range_gate",
                format!(
                    "gate {} (exclusive) leaves nothing after the first gate {}",
                    max - first,
                    min - first
                ),
            ));
        }
        Ok(Self {
            first,
            min,
            max,
            // A step beyond the window selects the first gate alone, however large it is.
            step: settings.range_gate_step.min(max - min) as usize,
        })
    }
}

/// The lag of the discrete polynomial transform in decimated samples.
fn lag(settings: &Settings, ipp: i64, bins: i64) -> Result<i64> {
    let key = "dpt_ipp_delay_parameter";
    let delay = settings.dpt_ipp_delay_parameter;
    // cannot overflow: their samples were counted before
    let ipps = settings.n_ipp + settings.ipp_offset;
    let tau = delay
        .checked_mul(ipp / settings.frequency_decimation)
        .filter(|&tau| 0 < tau && tau < bins)
        .ok_or_else(|| {
            settings.wrong(
                key,
                format!("a lag of {delay} IPPs must lie within the integration of {ipps} IPPs"),
            )
        })?;
    if settings.gmf_method == Method::Fdpt {
        if delay >= settings.n_ipp {
            return Err(settings.wrong(
                key,
                format!(
                    "a lag of {delay} IPPs leaves fdpt no pair among {} pulses",
                    settings.n_ipp
                ),
            ));
        }
        if settings.dc == ZeroFrequency::FirstAcceleration {
            return Err(settings.wrong("dc", "first-acceleration has no meaning for fdpt"));
        }
    }
    Ok(tau)
}

/// The accelerations within the limits. `fdpt` needs none of them, unless it is restricted to them.
fn select(settings: &Settings, accelerations: &[f64], step: f64) -> Result<Range<usize>, Error> {
    let (min, max) = (settings.min_acceleration, settings.max_acceleration);
    let selected =
        accelerations.partition_point(|&a| a < min)..accelerations.partition_point(|&a| a <= max);
    if selected.is_empty()
        && (settings.gmf_method.searches_accelerations() || settings.dpt_restrict)
    {
        return Err(settings.wrong(
            "min_acceleration",
            format!(
                "no acceleration from {min} to {max} m/s^2 is a multiple of the grid step \
                 {step} m/s^2 within the grid"
            ),
        ));
    }
    Ok(selected)
}
