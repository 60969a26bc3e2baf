//! The matched filter: receiving windows correlated with the transmitted pulses, one range gate per lane.

use pulp::{Scalar128b, Simd, WithSimd, bytemuck};

use super::layout::Layout;
use super::level::WIDEST;
use crate::parameters::Parameters;
use crate::search::Sample;

/// The shape of the correlation.
#[derive(Clone, Debug)]
pub(super) struct Correlation {
    pulse: usize,
    window: usize,
    decimation: usize,
    step: usize,
    /// Numbers from one row of received samples to the next.
    row: usize,
    /// For every sample of a pulse: where the samples lie that gate 0 and its neighbours correlate with it.
    places: Vec<usize>,
}

impl Correlation {
    pub(super) fn new(parameters: &Parameters) -> Self {
        let step = parameters.range_gate_step;
        let window = parameters.rx_window_samps();
        let row = window.div_ceil(step) + WIDEST;
        Self {
            pulse: parameters.tx_pulse_samps,
            window,
            decimation: parameters.decimation,
            step,
            row,
            places: (0..parameters.tx_pulse_samps)
                .map(|sample| sample % step * 2 * row + sample / step)
                .collect(),
        }
    }

    /// Numbers of the received samples of so many pulses.
    pub(super) fn received(&self, pulses: usize) -> usize {
        pulses * self.step * 2 * self.row
    }

    /// Transmitted samples of so many pulses.
    pub(super) fn weights(&self, pulses: usize) -> usize {
        pulses * self.pulse
    }

    /// Lays received windows out so that neighbouring gates are neighbours in memory: for every pulse and every remainder of the
    /// sample's number by the step between gates, a row of real parts and a row of imaginary parts.
    pub(super) fn arrange(&self, rx: &[Sample], received: &mut [f64]) {
        let per_pulse = self.step * 2 * self.row;
        for (rx, rows) in rx
            .chunks_exact(self.window)
            .zip(received.chunks_exact_mut(per_pulse))
        {
            for (remainder, rows) in rows.chunks_exact_mut(2 * self.row).enumerate() {
                let (re, im) = rows.split_at_mut(self.row);
                let samples = rx[remainder.min(rx.len())..].iter().step_by(self.step);
                for ((re, im), z) in re.iter_mut().zip(im).zip(samples) {
                    *re = z.re.into();
                    *im = z.im.into();
                }
            }
        }
    }
}

/// The echoes of one vector of gates: element `(k, j)` of gate `g` is the sum over `decimation` samples, from sample
/// `j * decimation` of pulse `k` on, of weight times received sample `g * step` later.
///
/// Summed in f64, so that neither a large decimation nor a sum near zero costs digits: two short vectors for every long one of the search.
pub(super) struct Echo<'a> {
    pub(super) correlation: &'a Correlation,
    pub(super) layout: Layout,
    pub(super) weights: &'a [[f64; 2]],
    pub(super) received: &'a [f64],
    /// The first gate.
    pub(super) gate: usize,
    pub(super) elements: &'a mut [f32],
}

impl WithSimd for Echo<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Correlation {
            pulse,
            decimation,
            step,
            row,
            ..
        } = *self.correlation;
        let per_pulse = step * 2 * row;
        for k in 0..self.layout.pulses {
            let rows = &self.received[k * per_pulse..(k + 1) * per_pulse];
            let weights = &self.weights[k * pulse..(k + 1) * pulse];
            let elements = self.layout.row(k);
            let elements = &mut self.elements
                [2 * S::F32_LANES * elements.start..2 * S::F32_LANES * elements.end];
            let weights = weights.chunks_exact(decimation);
            let places = self.correlation.places.chunks_exact(decimation);
            let elements = elements.chunks_exact_mut(2 * S::F32_LANES);
            for ((element, weights), places) in elements.zip(weights).zip(places) {
                let mut re = [simd.splat_f64s(0.0); 2];
                let mut im = re;
                for (&[c, s], &place) in weights.iter().zip(places) {
                    let place = place + self.gate;
                    let (x, y) = (load::<S>(rows, place), load::<S>(rows, place + row));
                    let (c, s) = (simd.splat_f64s(c), simd.splat_f64s(s));
                    for half in 0..2 {
                        re[half] = fused(simd, x[half], c, re[half]);
                        re[half] = fused_negative(simd, y[half], s, re[half]);
                        im[half] = fused(simd, x[half], s, im[half]);
                        im[half] = fused(simd, y[half], c, im[half]);
                    }
                }
                let sums = bytemuck::cast_slice::<_, f64>(&re);
                let sums = sums.iter().chain(bytemuck::cast_slice::<_, f64>(&im));
                for (element, &sum) in element.iter_mut().zip(sums) {
                    *element = sum as f32;
                }
            }
        }
    }
}

/// The samples that a vector of gates meets.
#[inline(always)]
fn load<S: Simd>(rows: &[f64], place: usize) -> [S::f64s; 2] {
    let halves = S::as_simd_f64s(&rows[place..place + S::F32_LANES]).0;
    [halves[0], halves[1]]
}

/// `a b + c`; see `complex` for the baseline.
#[inline(always)]
fn fused<S: Simd>(simd: S, a: S::f64s, b: S::f64s, c: S::f64s) -> S::f64s {
    if S::F64_LANES == Scalar128b::F64_LANES {
        simd.add_f64s(simd.mul_f64s(a, b), c)
    } else {
        simd.mul_add_e_f64s(a, b, c)
    }
}

/// `c - a b`.
#[inline(always)]
fn fused_negative<S: Simd>(simd: S, a: S::f64s, b: S::f64s, c: S::f64s) -> S::f64s {
    if S::F64_LANES == Scalar128b::F64_LANES {
        simd.sub_f64s(c, simd.mul_f64s(a, b))
    } else {
        simd.negate_mul_add_e_f64s(a, b, c)
    }
}
