//! The definition written down with plain Fourier transforms: the readable reference for the fast
//! search.
//!
//! The signal of pulse `k` starts at decimated sample `k * P`, for every gate: the true delay of a
//! gate multiplies its spectrum by a unit phasor, which no power sees.
//!
//! Per gate and acceleration, with `K` pulses of `L` decimated samples and a spectrum of `N` bins:
//! `6 K L` FLOP for the phasors, `5 N log2 N` for the transform and `4 N` for the powers (`fdpt`:
//! two transforms per gate). Each transform moves `16 N` bytes through the cache.

mod echo;
mod fdpt;
mod fgmf;

use std::sync::Arc;

use num_complex::Complex;
use rustfft::{Fft, FftPlanner};

use super::phasor::Phasors;
use super::{Integration, Sample, wide};
use crate::parameters::Parameters;
use crate::settings::{Method, Settings, ZeroFrequency};

use echo::Echo;

/// The tables, shared by all threads.
pub(super) struct Plain {
    parameters: Arc<Parameters>,
    settings: Settings,
    echo: Echo,
    phasors: Phasors,
    /// Rows of phasors for the selected accelerations, one after the other; empty for `fdpt`.
    rows: Vec<Sample>,
    spectrum: Arc<dyn Fft<f32>>,
    lag_spectrum: Arc<dyn Fft<f32>>,
}

/// What one thread needs.
#[derive(Clone, Debug)]
pub(super) struct Scratch {
    /// Conjugate transmitted samples over their amplitude.
    weights: Vec<Sample>,
    /// The echo of one gate: `n_ipp` pulses of decimated samples.
    echo: Vec<Sample>,
    /// One row of phasors.
    row: Vec<Sample>,
    /// A zero-filled signal, then its spectrum.
    signal: Vec<Sample>,
    /// Work space of the transforms.
    transform: Vec<Sample>,
}

/// The largest power of one gate and where it was found.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Best {
    /// Index into [`Parameters::accelerations`].
    acceleration: usize,
    /// Index into [`Parameters::range_rates`].
    range_rate: usize,
}

impl Plain {
    pub(super) fn new(parameters: &Arc<Parameters>, settings: &Settings) -> Self {
        let mut planner = FftPlanner::new();
        let phasors = Phasors::new(parameters);
        let rows = if settings.gmf_method.searches_accelerations() {
            let selected = &parameters.accelerations[parameters.selected.clone()];
            selected.iter().flat_map(|&a| phasors.row(a)).collect()
        } else {
            Vec::new()
        };
        Self {
            echo: Echo::new(parameters),
            rows,
            spectrum: planner.plan_fft_forward(parameters.decimated_read_length),
            lag_spectrum: planner.plan_fft_forward(parameters.accelerations.len()),
            phasors,
            settings: settings.clone(),
            parameters: Arc::clone(parameters),
        }
    }

    pub(super) fn scratch(&self) -> Scratch {
        let zeros = |length| vec![Sample::default(); length];
        let transform = self
            .spectrum
            .get_inplace_scratch_len()
            .max(self.lag_spectrum.get_inplace_scratch_len());
        Scratch {
            weights: Vec::with_capacity(self.parameters.coh_int_samps),
            echo: zeros(self.phasors.len()),
            row: zeros(self.phasors.len()),
            signal: zeros(self.parameters.decimated_read_length),
            transform: zeros(transform),
        }
    }

    /// Searches every gate. `weights` are the conjugate transmitted samples over their amplitude.
    pub(super) fn search(
        &self,
        weights: impl Iterator<Item = Sample>,
        rx: &[Sample],
        scratch: &mut Scratch,
        result: &mut Integration,
    ) {
        scratch.weights.clear();
        scratch.weights.extend(weights);
        for gate in 0..self.parameters.ranges.len() {
            self.echo
                .correlate(&scratch.weights, rx, gate, &mut scratch.echo);
            result.gmf_zero_frequency[gate] = self.zero_frequency(&scratch.echo);
            let best = match self.settings.gmf_method {
                Method::Fdpt => self.fdpt(scratch),
                _ => self.fgmf(scratch, |acceleration, powers| {
                    if let Some(cube) = &mut result.cube {
                        cube.take(gate, acceleration, powers);
                    }
                }),
            };
            // Infinite samples may lead here without a number at the end.
            let best = best
                .map(|best| (best, self.power(&scratch.echo, best)))
                .filter(|(_, power)| power.is_finite());
            if let Some((best, power)) = best {
                result.gmf[gate] = power as f32;
                result.range_rate_index[gate] = best.range_rate as i32;
                result.acceleration_index[gate] = best.acceleration as i32;
            }
        }
    }

    /// The power without Doppler: the noise floor is estimated from it.
    fn zero_frequency(&self, echo: &[Sample]) -> f32 {
        let first_row = match self.settings.dc {
            ZeroFrequency::Plain => None,
            ZeroFrequency::FirstAcceleration => self.rows.get(..echo.len()),
        };
        let sum: Complex<f64> = match first_row {
            None => echo.iter().map(|&e| wide(e)).sum(),
            Some(row) => echo.iter().zip(row).map(|(&e, &p)| wide(e) * wide(p)).sum(),
        };
        sum.norm_sqr() as f32
    }

    /// The power at one acceleration and range rate, in f64 from the definition.
    fn power(&self, echo: &[Sample], at: Best) -> f64 {
        let acceleration = self.parameters.accelerations[at.acceleration];
        let bins = self.parameters.decimated_read_length;
        echo.iter()
            .enumerate()
            .map(|(element, &e)| {
                // The turns are reduced in integers: a bin times a position can be large.
                let turns = (at.range_rate * self.position(element) % bins) as f64 / bins as f64;
                let angle =
                    self.phasors.angle(acceleration, element) - 2.0 * std::f64::consts::PI * turns;
                wide(e) * Complex::cis(angle)
            })
            .sum::<Complex<f64>>()
            .norm_sqr()
    }

    /// Where an element of an echo stands in the signal: pulse `k` starts at `k` decimated IPPs.
    fn position(&self, element: usize) -> usize {
        let pulse = self.parameters.decimated_pulse();
        element / pulse * self.parameters.decimated_ipp() + element % pulse
    }

    /// Transforms `scratch.echo` times a row of phasors; the spectrum is left in `scratch.signal`.
    fn spectrum(
        &self,
        row: &[Sample],
        echo: &[Sample],
        signal: &mut [Sample],
        work: &mut [Sample],
    ) {
        signal.fill(Sample::default());
        let pulse = self.parameters.decimated_pulse();
        for (k, (echo, row)) in echo
            .chunks_exact(pulse)
            .zip(row.chunks_exact(pulse))
            .enumerate()
        {
            let start = k * self.parameters.decimated_ipp();
            for ((x, &e), &p) in signal[start..start + pulse].iter_mut().zip(echo).zip(row) {
                *x = e * p;
            }
        }
        self.spectrum
            .process_with_scratch(signal, &mut work[..self.spectrum.get_inplace_scratch_len()]);
    }
}

impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plain")
            .field("settings", &self.settings)
            .field("phasors", &self.rows.len())
            .finish_non_exhaustive()
    }
}
