//! Fourier transforms of any length, one range gate per lane, in place.
//!
//! Mixed radix, decimated in frequency. A pass of radix `R` over a group of `R m` elements combines
//! elements `m` apart,
//!
//! `y[p + m k] = exp(-2 pi i p k / (R m)) sum_j x[p + m j] exp(-2 pi i j k / R)`
//!
//! which leaves `R` groups of `m` for the next pass. Frequencies come out in the order of their
//! digits reversed; [`places`](Fourier::places) tells where each lies. Factors 2, 3, 4, 5 and 7 are
//! computed in registers; a larger prime costs its square.

use pulp::Simd;

use super::complex::{lanes_mut, turn};
use super::pass::{InPlace, Nobody, Pass, Sink, Source, Step};

/// A transform of one length, planned.
#[derive(Clone, Debug)]
pub(super) struct Fourier {
    passes: Vec<Pass>,
    /// Where the result has each frequency.
    pub(super) places: Vec<u32>,
}

impl Fourier {
    pub(super) fn new(length: usize) -> Self {
        let radices = factors(length);
        let mut rest = length;
        let mut places = vec![0];
        let passes = radices
            .into_iter()
            .map(|radix| {
                let apart = rest / radix;
                // Frequency f + k * done lies k groups of the rest further.
                places = (0..radix)
                    .flat_map(|k| places.iter().map(move |place| place + (k * apart) as u32))
                    .collect();
                let twiddles = (1..apart)
                    .flat_map(|p| (1..radix).map(move |k| (p * k) as i128))
                    .map(|turns| turn(turns, rest as i128))
                    .collect();
                rest = apart;
                let roots = (0..radix).map(|k| turn(k as i128, radix as i128)).collect();
                Pass {
                    radix,
                    apart,
                    twiddles,
                    roots,
                }
            })
            .collect();
        Self { passes, places }
    }

    /// Results that [`Sink::take`] is given at once.
    pub(super) fn group(&self) -> usize {
        self.passes.last().map_or(1, |pass| pass.radix)
    }

    /// Complex lanes of work space that radices without a butterfly need.
    pub(super) fn spare(&self) -> usize {
        let awkward = self.passes.iter().filter(|pass| pass.radix > 7);
        awkward.map(|pass| 2 * pass.radix).max().unwrap_or(0)
    }

    /// Transforms `batch` interleaved signals in place: element `j` of signal `b` is complex lane
    /// `j * batch + b`.
    #[inline(always)]
    pub(super) fn run<S: Simd>(&self, simd: S, work: &mut [f32], spare: &mut [f32], batch: usize) {
        for pass in &self.passes {
            simd.vectorize(Step {
                pass,
                batch,
                source: InPlace,
                work,
                spare,
                sink: &mut Nobody,
            });
        }
    }

    /// Transforms one signal that comes from a source, and shows the result while it is written.
    #[inline(always)]
    pub(super) fn through<S: Simd>(
        &self,
        simd: S,
        source: impl Source,
        work: &mut [f32],
        spare: &mut [f32],
        sink: &mut impl Sink,
    ) {
        match &self.passes[..] {
            [] => {
                let work = lanes_mut(simd, work);
                work[0] = source.load(simd, &[], 0);
                sink.take(simd, 0, work);
            }
            [only] => simd.vectorize(Step::alone(only, source, work, spare, sink)),
            [first, middle @ .., last] => {
                simd.vectorize(Step::alone(first, source, work, spare, &mut Nobody));
                for pass in middle {
                    simd.vectorize(Step::alone(pass, InPlace, work, spare, &mut Nobody));
                }
                simd.vectorize(Step::alone(last, InPlace, work, spare, sink));
            }
        }
    }
}

/// Vector instructions that a transform takes, about: for choosing among lengths.
pub(super) fn cost(length: usize) -> f64 {
    factors(length)
        .into_iter()
        .map(|radix| {
            let half = (radix / 2) as f64;
            let butterfly = match radix {
                2 => 4.0,
                4 => 16.0,
                odd if odd <= 7 => half * (6.0 + 4.0 * half + 4.0),
                prime => 4.0 * (prime * prime) as f64,
            };
            let twiddles = 4.0 * (radix - 1) as f64;
            // Loads and stores weigh as much as two instructions.
            (length / radix) as f64 * (butterfly + twiddles + 4.0 * radix as f64)
        })
        .sum()
}

/// The radices of a length, the largest last: 4 and odd primes, at most one 2.
fn factors(length: usize) -> Vec<usize> {
    let mut rest = length;
    let mut factors = Vec::new();
    let mut candidate = 3;
    while rest.is_multiple_of(4) {
        factors.push(4);
        rest /= 4;
    }
    if rest.is_multiple_of(2) {
        factors.push(2);
        rest /= 2;
    }
    while rest > 1 {
        if candidate * candidate > rest {
            candidate = rest;
        }
        while rest.is_multiple_of(candidate) {
            factors.push(candidate);
            rest /= candidate;
        }
        candidate += 2;
    }
    factors.sort_unstable();
    factors
}

#[cfg(test)]
mod tests {
    use num_complex::Complex;
    use pulp::WithSimd;

    use super::*;
    use crate::search::simd::{Level, floats};

    struct Transform<'a>(&'a Fourier, &'a mut [f32], &'a mut [f32], usize);

    impl WithSimd for Transform<'_> {
        type Output = ();

        fn with_simd<S: Simd>(self, simd: S) {
            self.0.run(simd, self.1, self.2, self.3);
        }
    }

    #[test]
    fn every_length_is_as_defined() {
        for level in Level::available() {
            let lanes = level.lanes();
            for length in (1..=50).chain([64, 77, 98, 121, 125, 169, 210]) {
                let batch = 1 + length % 3;
                let plan = Fourier::new(length);
                // Another number for every element, signal and lane.
                let input: Vec<f32> = (0..2 * lanes * length * batch)
                    .map(|i| (i as f32 * 0.7).sin())
                    .collect();
                let mut output = floats(input.len());
                output.copy_from_slice(&input);
                let mut spare = floats(2 * lanes * plan.spare());
                level.run(Transform(&plan, &mut output, &mut spare, batch));
                let value = |floats: &[f32], j: usize, b: usize, lane: usize| {
                    let at = 2 * lanes * (j * batch + b) + lane;
                    Complex::new(f64::from(floats[at]), f64::from(floats[at + lanes]))
                };
                for (b, lane) in [(0, 0), (batch - 1, lanes - 1)] {
                    for k in 0..length {
                        let expected: Complex<f64> = (0..length)
                            .map(|j| {
                                let turns = (j * k % length) as f64 / length as f64;
                                value(&input, j, b, lane)
                                    * Complex::cis(-2.0 * std::f64::consts::PI * turns)
                            })
                            .sum();
                        let place = plan.places[k] as usize;
                        let error = (value(&output, place, b, lane) - expected).norm();
                        assert!(
                            error < 1e-6 * length as f64,
                            "{level} {length} {k}: {error}"
                        );
                    }
                }
            }
        }
    }
}
