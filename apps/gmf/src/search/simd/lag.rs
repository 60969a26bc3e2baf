//! The lag product, and phasors that differ from gate to gate.

use std::f64::consts::PI;

use num_complex::Complex;
use pulp::{Simd, WithSimd};

use super::complex::{W, lanes, lanes_mut, mul};
use super::layout::Layout;
use crate::parameters::Parameters;

/// Every pulse times the conjugate of the one `distance` pulses earlier.
pub(super) struct Lag<'a> {
    pub(super) layout: Layout,
    pub(super) echo: &'a [f32],
    pub(super) distance: usize,
    pub(super) product: &'a mut [f32],
}

impl WithSimd for Lag<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let echo = lanes(simd, self.echo);
        let later = &echo[self.distance * self.layout.terms..self.layout.used()];
        let product = lanes_mut(simd, self.product);
        for ((product, &later), &earlier) in product.iter_mut().zip(later).zip(echo) {
            *product = mul(simd, later, [earlier[0], simd.neg_f32s(earlier[1])]);
        }
    }
}

/// The times of decimated samples, for phasors one row at a time.
#[derive(Clone, Debug)]
pub(super) struct Chirp {
    /// Mean time of the first decimated sample of every pulse, in s.
    starts: Vec<f64>,
    /// From one decimated sample to the next, in s.
    step: f64,
    wavelength: f64,
}

impl Chirp {
    pub(super) fn new(parameters: &Parameters) -> Chirp {
        let half = (parameters.decimation - 1) as f64 / (2.0 * parameters.sample_rate);
        Chirp {
            starts: (0..parameters.n_ipp)
                .map(|k| parameters.rx_window(k).start as f64 / parameters.sample_rate + half)
                .collect(),
            step: parameters.decimation as f64 / parameters.sample_rate,
            wavelength: parameters.wavelength,
        }
    }

    /// The phasors `exp(-i pi a t^2 / wavelength)` of an acceleration `a` (m/s²), as the echo has
    /// the elements. The phase is quadratic in time, so neighbours differ by a factor that itself
    /// turns evenly.
    pub(super) fn row(&self, acceleration: f64, layout: Layout, row: &mut [W]) {
        let rate = -PI * acceleration / self.wavelength;
        let turning = Complex::cis(rate * 2.0 * self.step * self.step);
        for (k, &start) in self.starts.iter().enumerate() {
            let mut phasor = Complex::cis(rate * (start * start));
            let mut next = Complex::cis(rate * self.step * (2.0 * start + self.step));
            for element in &mut row[layout.row(k)] {
                *element = [phasor.re as f32, phasor.im as f32];
                phasor *= next;
                next *= turning;
            }
        }
    }
}
