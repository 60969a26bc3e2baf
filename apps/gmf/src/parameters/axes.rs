//! The axes of the search: range, range rate, acceleration.

use super::SPEED_OF_LIGHT;

/// Ranges in m of the gates `min, min + step, ... < max`; gate 0 is one sample away.
pub(super) fn ranges(min: usize, max: usize, step: usize, sample_rate: f64) -> Vec<f64> {
    (min..max)
        .step_by(step)
        .map(|gate| (gate + 1) as f64 * SPEED_OF_LIGHT / sample_rate)
        .collect()
}

/// Range rates in m/s of the `bins` of a spectrum over `duration` seconds, in FFT order: from 0 up,
/// then from the most negative up.
pub(super) fn range_rates(bins: usize, duration: f64, wavelength: f64) -> Vec<f64> {
    (0..bins)
        .map(|bin| {
            let order = if bin < bins.div_ceil(2) {
                bin as f64
            } else {
                bin as f64 - bins as f64
            };
            wavelength * (order / duration)
        })
        .collect()
}

/// The grid of accelerations that a lag product resolves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accelerations {
    /// Length of the lag product in decimated samples.
    pub(super) bins: usize,
    /// Lag in seconds.
    pub(super) lag: f64,
    /// Length of the lag product in seconds.
    pub(super) duration: f64,
    /// Wavelength in m.
    pub(super) wavelength: f64,
}

impl Accelerations {
    /// Step of the grid in m/s².
    ///
    /// The product of an echo with itself, delayed by the lag, turns at
    /// `acceleration * lag / wavelength` Hz; the step is the acceleration that fills one bin of its
    /// spectrum.
    pub(super) fn step(self) -> f64 {
        self.wavelength / (self.duration * self.lag)
    }

    /// Every acceleration in m/s², ascending; zero stands at `bins / 2`.
    pub(super) fn values(self) -> Vec<f64> {
        let middle = (self.bins / 2) as f64;
        (0..self.bins)
            .map(|i| (i as f64 - middle) / self.duration * self.wavelength / self.lag)
            .collect()
    }
}
