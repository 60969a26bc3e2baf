//! The matched filter: receiving windows correlated with the transmitted pulses, one range gate per
//! lane.

use pulp::{Simd, WithSimd};

use super::complex::{Z, fused, lanes_mut, numbers, splat};
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
    /// For every sample of a pulse: where the samples lie that gate 0 and its neighbours correlate
    /// with it.
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

    /// Lays received windows out so that neighbouring gates are neighbours in memory: for every
    /// pulse and every remainder of the sample's number by the step between gates, a row of real
    /// parts and a row of imaginary parts.
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

/// Samples that are summed in f32: the sums of so many are summed in f64, so that a large
/// decimation costs no digits.
///
/// With `u = 2^-24` the error of an element is at most `RUN + 3` times `u` times the sum of the
/// magnitudes of its products (and of real and imaginary part apart): each part is the difference
/// or sum of two chains of `RUN` multiplications that are each added with one rounding.
const RUN: usize = 16;

/// The echoes of one vector of gates: element `(k, j)` of gate `g` is the sum over `decimation`
/// samples, from sample `j * decimation` of pulse `k` on, of weight times received sample `g *
/// step` later.
pub(super) struct Echo<'a> {
    pub(super) correlation: &'a Correlation,
    pub(super) layout: Layout,
    pub(super) weights: &'a [[f32; 2]],
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
        let per_pulse = step * 2 * row;
        let elements = lanes_mut(simd, self.elements);
        for k in 0..self.layout.pulses {
            let rows = &self.received[k * per_pulse..(k + 1) * per_pulse];
            let (re, im) = (&rows[self.gate..], &rows[row + self.gate..]);
            let weights = &self.weights[k * pulse..(k + 1) * pulse];
            let weights = weights.chunks_exact(decimation);
            let places = self.correlation.places.chunks_exact(decimation);
            let elements = elements[self.layout.row(k)].iter_mut();
            for ((element, weights), places) in elements.zip(weights).zip(places) {
                if decimation <= RUN {
                    *element = run(simd, weights, places, re, im);
                    continue;
                }
                let mut sums = [[0.0; WIDEST]; 2];
                for (weights, places) in weights.chunks(RUN).zip(places.chunks(RUN)) {
                    let part = run(simd, weights, places, re, im);
                    for (sums, part) in sums.iter_mut().zip(&part) {
                        for (sum, &part) in sums.iter_mut().zip(numbers::<S>(part)) {
                            *sum += f64::from(part);
                        }
                    }
                }
                let sums = sums.map(|sums| sums.map(|sum| sum as f32));
                *element = [
                    S::as_simd_f32s(&sums[0]).0[0],
                    S::as_simd_f32s(&sums[1]).0[0],
                ];
            }
        }
    }
}

/// The sum of a few weights times what a vector of gates met.
#[inline(always)]
fn run<S: Simd>(simd: S, weights: &[[f32; 2]], places: &[usize], re: &[f32], im: &[f32]) -> Z<S> {
    // Four sums side by side: one alone would wait for every addition.
    let mut straight: Z<S> = splat(simd, [0.0; 2]);
    let mut crossed = straight;
    for (&weight, &place) in weights.iter().zip(places) {
        let (x, y) = (load::<S>(re, place), load::<S>(im, place));
        let [c, s] = splat(simd, weight);
        straight = [
            fused(simd, x, c, straight[0]),
            fused(simd, y, s, straight[1]),
        ];
        crossed = [fused(simd, x, s, crossed[0]), fused(simd, y, c, crossed[1])];
    }
    [
        simd.sub_f32s(straight[0], straight[1]),
        simd.add_f32s(crossed[0], crossed[1]),
    ]
}

/// The samples that a vector of gates meets.
#[inline(always)]
fn load<S: Simd>(row: &[f32], place: usize) -> S::f32s {
    S::as_simd_f32s(&row[place..place + S::F32_LANES]).0[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use crate::search::simd::{Level, floats};
    use crate::settings::Settings;

    /// Runs of samples, whole and not, and a step between gates: within the bound on every level.
    #[test]
    fn echoes_are_as_defined_within_their_bound() {
        for (decimation, step) in [(1_usize, 1_i64), (16, 1), (23, 1), (40, 3)] {
            let (pulses, terms) = (2, 3);
            let pulse = terms * decimation;
            let settings = Settings {
                n_ipp: pulses as i64,
                frequency_decimation: decimation as i64,
                dpt_ipp_delay_parameter: 1,
                min_range_gate: 0,
                max_range_gate: 120,
                range_gate_step: step,
                min_acceleration: -1e30,
                max_acceleration: 1e30,
                ..Settings::default()
            };
            let ipp = (10 * pulse + 300).next_multiple_of(decimation);
            let experiment = Experiment::of_shape(ipp as i64, 3.0..(3 + pulse) as f64, 930.0);
            let parameters = Parameters::new(&experiment, &settings).unwrap();
            let correlation = Correlation::new(&parameters);
            let number = |i: usize| (i as f32 * 0.7).sin() + 0.3;
            let window = parameters.rx_window_samps();
            let rx: Vec<Sample> = (0..pulses * window)
                .map(|i| Sample::new(number(3 * i), number(5 * i + 1)))
                .collect();
            let weights: Vec<[f32; 2]> = (0..pulses * pulse)
                .map(|i| [number(7 * i + 2), number(11 * i)])
                .collect();
            let mut received = vec![0.0; correlation.received(pulses)];
            correlation.arrange(&rx, &mut received);
            let layout = Layout {
                pulses,
                rows: pulses,
                terms,
            };
            for level in Level::available() {
                let lanes = level.lanes();
                let mut elements = floats(2 * lanes * layout.len());
                level.run(Echo {
                    correlation: &correlation,
                    layout,
                    weights: &weights,
                    received: &received,
                    gate: lanes,
                    elements: &mut elements,
                });
                for (place, lane) in [(0, 0), (1, 1), (4, lanes - 1), (5, 2)] {
                    let (k, first) = (place / terms, place % terms * decimation);
                    let (mut re, mut im, mut magnitude) = (0.0, 0.0, 0.0);
                    for i in first..first + decimation {
                        let [c, s] = weights[k * pulse + i].map(f64::from);
                        let z = rx[k * window + i + (lanes + lane) * step as usize];
                        let (x, y) = (f64::from(z.re), f64::from(z.im));
                        re += x * c - y * s;
                        im += x * s + y * c;
                        magnitude += (x.abs() + y.abs()) * (c.abs() + s.abs());
                    }
                    let bound = (RUN + 3) as f64 * 2.0_f64.powi(-24) * magnitude;
                    let at = 2 * lanes * place + lane;
                    let got = [elements[at], elements[at + lanes]].map(f64::from);
                    assert!(
                        (got[0] - re).abs() <= bound && (got[1] - im).abs() <= bound,
                        "{level}, {decimation}: {got:?} instead of {re} and {im}"
                    );
                }
            }
        }
    }
}
