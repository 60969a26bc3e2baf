//! The matched filter: receiving windows correlated with the transmitted pulses, one range gate per lane.

use pulp::{Simd, WithSimd};

use super::blocks::Blocks;
use super::complex::{W, Z, add, lanes_mut, mul_add, splat};
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
    /// Floats from one row of received samples to the next.
    row: usize,
    /// For every sample of a pulse: where the samples lie that gate 0 and its neighbours correlate with it.
    places: Vec<usize>,
}

/// Products summed in one chain: longer sums are summed in parts, so that a large decimation costs no digits.
const CHAIN: usize = 16;

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

    /// Floats of the received samples of so many pulses.
    pub(super) fn received(&self, pulses: usize) -> usize {
        pulses * self.step * 2 * self.row
    }

    /// Transmitted samples of so many pulses.
    pub(super) fn weights(&self, pulses: usize) -> usize {
        pulses * self.pulse
    }

    /// Lays received windows out so that neighbouring gates are neighbours in memory: for every pulse and every remainder of the
    /// sample's number by the step between gates, a row of real parts and a row of imaginary parts.
    pub(super) fn arrange(&self, rx: &[Sample], received: &mut [f32]) {
        let per_pulse = self.step * 2 * self.row;
        for (rx, rows) in rx
            .chunks_exact(self.window)
            .zip(received.chunks_exact_mut(per_pulse))
        {
            for (remainder, rows) in rows.chunks_exact_mut(2 * self.row).enumerate() {
                let (re, im) = rows.split_at_mut(self.row);
                let samples = rx[remainder.min(rx.len())..].iter().step_by(self.step);
                for ((re, im), z) in re.iter_mut().zip(im).zip(samples) {
                    *re = z.re;
                    *im = z.im;
                }
            }
        }
    }
}

/// The echoes of one vector of gates: element `(k, j)` of gate `g` is the sum over `decimation` samples, from sample
/// `j * decimation` of pulse `k` on, of weight times received sample `g * step` later.
pub(super) struct Echo<'a> {
    pub(super) correlation: &'a Correlation,
    pub(super) blocks: Blocks,
    pub(super) weights: &'a [W],
    pub(super) received: &'a [f32],
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
        let echo = lanes_mut(simd, self.elements);
        let per_pulse = step * 2 * row;
        let zero: Z<S> = splat(simd, [0.0; 2]);
        for block in self.blocks.iter() {
            for k in 0..self.blocks.pulses {
                let rows = &self.received[k * per_pulse..(k + 1) * per_pulse];
                let weights = &self.weights[k * pulse..(k + 1) * pulse];
                let elements = &mut echo[self.blocks.row(block, k)];
                for (j, element) in elements.iter_mut().enumerate() {
                    let first = (block.first + j) * decimation;
                    let samples = first..first + decimation;
                    let weights = weights[samples.clone()].chunks(CHAIN);
                    let places = self.correlation.places[samples].chunks(CHAIN);
                    let mut sum = zero;
                    for (weights, places) in weights.zip(places) {
                        let mut part = zero;
                        for (&weight, &place) in weights.iter().zip(places) {
                            let place = place + self.gate;
                            let z = [load::<S>(rows, place), load::<S>(rows, place + row)];
                            part = mul_add(simd, z, splat(simd, weight), part);
                        }
                        sum = add(simd, sum, part);
                    }
                    *element = sum;
                }
            }
        }
    }
}

/// The samples that a vector of gates meets.
#[inline(always)]
fn load<S: Simd>(rows: &[f32], place: usize) -> S::f32s {
    S::as_simd_f32s(&rows[place..place + S::F32_LANES]).0[0]
}
