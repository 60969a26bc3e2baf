//! The samples, pulse by pulse.

use std::f64::consts::PI;

use num_complex::Complex;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::{Scenario, Target};
use crate::clock::{Rate, Unit};
use crate::parameters::{SPEED_OF_LIGHT, Timing};
use crate::{Error, Result};

/// A simulation ready to run: any pulse can be had at any time, in any order.
#[derive(Clone, Debug)]
pub struct Simulation {
    scenario: Scenario,
    timing: Timing,
    rate: Rate,
    /// Number of the first pulse, counted from 1970.
    first: u64,
    pulses: u64,
    wavelength: f64,
    samples_per_chip: f64,
    /// Amplitude of each target's echo and the samples between which it answers.
    echoes: Vec<Echo>,
}

#[derive(Clone, Debug)]
struct Echo {
    target: Target,
    amplitude: f64,
    from: i128,
    until: i128,
}

impl Simulation {
    /// Places the scenario on the grid of pulses.
    ///
    /// # Errors
    /// When windows are impossible, or the recording would start before 1970 or hold no pulse.
    pub fn new(scenario: &Scenario) -> Result<Self> {
        let timing = Timing::new(&scenario.experiment)?;
        let rate = scenario.rate();
        let instant = |seconds: f64| scenario.epoch + (seconds * 1e6).round_ties_even() as i64;
        let pulse_at = |seconds| {
            let sample = rate.index_at(instant(seconds), Unit::Microseconds);
            u64::try_from(sample.div_euclid(i128::from(timing.ipp)))
        };
        let outside = |_| {
            Error::Request(format!(
                "{}: the simulation lies outside the calendar: it must start after 1970",
                scenario.path.display()
            ))
        };
        let first = pulse_at(scenario.start_time).map_err(outside)?;
        let end = pulse_at(scenario.end_time).map_err(outside)?;
        if end <= first {
            return Err(Error::Request(format!(
                "{}: no whole IPP lies between start_time and end_time",
                scenario.path.display()
            )));
        }
        let noise_power = match scenario.noise_sigma {
            sigma if sigma > 0.0 => 2.0 * sigma * sigma,
            _ => 1.0,
        };
        let sample_from = |seconds| rate.index_from(instant(seconds), Unit::Microseconds);
        let echoes = scenario
            .targets
            .iter()
            .map(|target| Echo {
                target: target.clone(),
                amplitude: (target.snr * noise_power).sqrt(),
                from: target.start_time.map_or(i128::MIN, sample_from),
                until: target.end_time.map_or(i128::MAX, sample_from),
            })
            .collect();
        Ok(Self {
            scenario: scenario.clone(),
            timing,
            rate,
            first,
            pulses: end - first,
            wavelength: SPEED_OF_LIGHT / (scenario.experiment.radar_frequency * 1e6),
            samples_per_chip: scenario.baud_length * 1e-6 * rate.as_f64(),
            echoes,
        })
    }

    /// What is simulated.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Sample rate.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Number of pulses.
    pub fn pulses(&self) -> u64 {
        self.pulses
    }

    /// Samples per pulse.
    pub fn ipp_samp(&self) -> usize {
        self.timing.ipp as usize
    }

    /// Index of the first sample of a pulse, counted from 1970-01-01T00:00:00 UTC.
    pub fn first_sample(&self, pulse: u64) -> u64 {
        (self.first + pulse) * self.timing.ipp as u64
    }

    /// Seconds from the epoch to a sample.
    pub fn time(&self, sample: u64) -> f64 {
        // The difference is formed in whole units of 1 / (10^6 rate) s, so the large indices cancel
        // exactly.
        let ticks = i128::from(sample) * i128::from(self.rate.denominator()) * 1_000_000
            - i128::from(self.scenario.epoch) * i128::from(self.rate.numerator());
        ticks as f64 / (1e6 * self.rate.numerator() as f64)
    }

    /// The samples of a pulse, [`ipp_samp`](Self::ipp_samp) of them, from the start of its IPP.
    ///
    /// # Panics
    /// When `samples` has another length.
    pub fn pulse(&self, pulse: u64, samples: &mut [Complex<f64>]) {
        assert_eq!(samples.len(), self.ipp_samp(), "samples of a pulse");
        samples.fill(Complex::default());
        self.add_noise(pulse, samples);
        let tx_start = self.timing.tx_start as usize;
        let length = (self.timing.tx_end - self.timing.tx_start) as usize;
        let row = self.scenario.code.row(pulse);
        let chip = |i: usize| {
            // The small term keeps chips of a whole number of samples whole.
            let chip = (i as f64 / self.samples_per_chip + 1e-9) as usize;
            row.get(chip).map_or(0.0, |&sign| f64::from(sign))
        };
        for (i, sample) in samples[tx_start..tx_start + length].iter_mut().enumerate() {
            *sample += self.scenario.tx_amp * chip(i);
        }
        let start = self.first_sample(pulse);
        let sample_time = 1.0 / self.rate.as_f64();
        let t0 = self.time(start + tx_start as u64);
        for echo in &self.echoes {
            if i128::from(start) < echo.from || i128::from(start) >= echo.until {
                continue;
            }
            let delay =
                (echo.target.range_at(t0) / SPEED_OF_LIGHT * self.rate.as_f64()).round_ties_even();
            if delay < 0.0 || delay >= samples.len() as f64 {
                continue; // the target passed through the radar, or answers after the IPP
            }
            let arrival = (tx_start + delay as usize).min(samples.len());
            for (i, sample) in samples[arrival..].iter_mut().take(length).enumerate() {
                let range = echo.target.range_at(t0 + i as f64 * sample_time);
                let turns = (range / self.wavelength).rem_euclid(1.0);
                *sample += chip(i) * echo.amplitude * Complex::cis(2.0 * PI * turns);
            }
        }
    }

    /// Noise in the receiving window; every pulse has its own stream of random numbers.
    fn add_noise(&self, pulse: u64, samples: &mut [Complex<f64>]) {
        let sigma = self.scenario.noise_sigma;
        if sigma <= 0.0 {
            return;
        }
        let mut generator = ChaCha8Rng::seed_from_u64(self.scenario.seed);
        generator.set_stream(self.first + pulse);
        let window = self.timing.rx_start as usize..self.timing.rx_end as usize;
        for sample in &mut samples[window] {
            let re: f64 = StandardNormal.sample(&mut generator);
            let im: f64 = StandardNormal.sample(&mut generator);
            *sample += sigma * Complex::new(re, im);
        }
    }
}
