//! The matched filter: receiving windows correlated with the transmitted pulses, one range gate per
//! lane.

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

/// The echoes of one vector of gates: element `(k, j)` of gate `g` is the sum over `decimation`
/// samples, from sample `j * decimation` of pulse `k` on, of weight times received sample `g *
/// step` later.
///
/// Summed in f64, so that neither a large decimation nor a sum near zero costs digits (the power
/// without Doppler is one): two short vectors for every long one of the search.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use crate::search::simd::{Level, floats};
    use crate::settings::Settings;

    /// Short sums and long ones, and a step between gates: right but for the last rounding, on
    /// every level.
    #[test]
    fn echoes_are_as_defined() {
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
            let weights: Vec<[f64; 2]> = (0..pulses * pulse)
                .map(|i| [number(7 * i + 2), number(11 * i)].map(f64::from))
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
                        let [c, s] = weights[k * pulse + i];
                        let z = rx[k * window + i + (lanes + lane) * step as usize];
                        let (x, y) = (f64::from(z.re), f64::from(z.im));
                        re += x * c - y * s;
                        im += x * s + y * c;
                        magnitude += (x.abs() + y.abs()) * (c.abs() + s.abs());
                    }
                    let bound = 1e-14 * magnitude;
                    let is_right = |got: f64, sum: f64| {
                        (got - sum).abs() <= bound + 2.0_f64.powi(-24) * sum.abs()
                    };
                    let at = 2 * lanes * place + lane;
                    let got = [elements[at], elements[at + lanes]].map(f64::from);
                    assert!(
                        is_right(got[0], re) && is_right(got[1], im),
                        "{level}, {decimation}: {got:?} instead of {re} and {im}"
                    );
                }
            }
        }
    }
}
