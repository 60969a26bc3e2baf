//! Removal of an acceleration.

use std::f64::consts::PI;

use num_complex::Complex;

use super::Sample;
use crate::parameters::Parameters;

/// The times at which an acceleration turns the phase.
///
/// The received phase of a target at `r0 + v t + a t²/2` metres (total path) is `2 pi r /
/// wavelength`; multiplying by `exp(-i pi a t² / wavelength)` takes the acceleration out. Times are
/// those of the first gate for every gate, from the first sample of the integration.
#[derive(Clone, Debug)]
pub(crate) struct Phasors {
    /// Mean time of every decimated sample in seconds, `n_ipp` pulses one after the other.
    times: Vec<f64>,
    wavelength: f64,
}

impl Phasors {
    pub(crate) fn new(parameters: &Parameters) -> Self {
        let half = (parameters.decimation - 1) as f64 / (2.0 * parameters.sample_rate);
        let times = (0..parameters.n_ipp)
            .flat_map(|pulse| {
                let first = parameters.rx_window(pulse).start;
                (0..parameters.decimated_pulse()).map(move |j| first + j * parameters.decimation)
            })
            .map(|sample| sample as f64 / parameters.sample_rate + half)
            .collect();
        Self {
            times,
            wavelength: parameters.wavelength,
        }
    }

    /// Decimated samples of one echo.
    pub(super) fn len(&self) -> usize {
        self.times.len()
    }

    /// The phase that takes out an acceleration (m/s²) at one decimated sample, in radians.
    pub(super) fn angle(&self, acceleration: f64, element: usize) -> f64 {
        let t = self.times[element];
        -PI * acceleration * (t * t) / self.wavelength
    }

    /// One row: the phasors of an acceleration (m/s²) at every decimated sample.
    pub(crate) fn row(&self, acceleration: f64) -> impl Iterator<Item = Sample> + '_ {
        (0..self.len()).map(move |element| {
            let phasor = Complex::cis(self.angle(acceleration, element));
            Sample::new(phasor.re as f32, phasor.im as f32)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_turn() {
        let phasors = Phasors {
            times: vec![0.0, 2.0],
            wavelength: 8.0,
        };
        let row: Vec<Sample> = phasors.row(1.0).collect();
        assert!((row[0] - Sample::new(1.0, 0.0)).norm() < 1e-7);
        assert!((row[1] - Sample::new(0.0, -1.0)).norm() < 1e-7);
    }
}
