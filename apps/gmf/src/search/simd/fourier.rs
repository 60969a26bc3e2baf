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

use pulp::{Simd, WithSimd};

use super::butterfly;
use super::complex::{W, Z, lanes_mut, mul, splat, turn};

/// A transform of one length, planned.
#[derive(Clone, Debug)]
pub(super) struct Fourier {
    passes: Vec<Pass>,
    /// Where the result has each frequency.
    pub(super) places: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Pass {
    radix: usize,
    /// Elements of a group over the radix.
    apart: usize,
    /// For every `p` above 0: the factors of outputs 1 to `radix - 1`.
    twiddles: Vec<W>,
    /// `exp(-2 pi i k / radix)`.
    roots: Vec<W>,
}

/// Where a transform begins.
pub(super) trait Source: Copy {
    /// Element `i` of a group of the work space, or what belongs there.
    fn load<S: Simd>(self, simd: S, group: &[Z<S>], i: usize) -> Z<S>;
}

/// Elements are in the work space already.
#[derive(Clone, Copy)]
struct InPlace;

impl Source for InPlace {
    #[inline(always)]
    fn load<S: Simd>(self, _: S, group: &[Z<S>], i: usize) -> Z<S> {
        group[i]
    }
}

/// Who looks at the results while they are in registers.
pub(super) trait Sink {
    /// The results of a group of the last pass.
    fn take<S: Simd>(&mut self, simd: S, group: usize, results: &[Z<S>]);
}

/// Nobody does.
struct Nobody;

impl Sink for Nobody {
    #[inline(always)]
    fn take<S: Simd>(&mut self, _: S, _: usize, _: &[Z<S>]) {}
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

/// One pass over all groups.
struct Step<'a, I, O> {
    pass: &'a Pass,
    batch: usize,
    source: I,
    work: &'a mut [f32],
    spare: &'a mut [f32],
    sink: &'a mut O,
}

impl<'a, I, O> Step<'a, I, O> {
    #[inline(always)]
    fn alone(
        pass: &'a Pass,
        source: I,
        work: &'a mut [f32],
        spare: &'a mut [f32],
        sink: &'a mut O,
    ) -> Self {
        Step {
            pass,
            batch: 1,
            source,
            work,
            spare,
            sink,
        }
    }
}

impl<I: Source, O: Sink> WithSimd for Step<'_, I, O> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.pass.radix {
            2 => self.fixed(
                simd,
                #[inline(always)]
                |x| butterfly::two(simd, x),
            ),
            4 => self.fixed(
                simd,
                #[inline(always)]
                |x| butterfly::four(simd, x),
            ),
            3 => self.odd::<S, 3>(simd),
            5 => self.odd::<S, 5>(simd),
            7 => self.odd::<S, 7>(simd),
            _ => self.any(simd),
        }
    }
}

/// What one butterfly combines.
#[inline(always)]
fn inputs<S: Simd, const R: usize>(
    simd: S,
    source: impl Source,
    group: &[Z<S>],
    first: usize,
    apart: usize,
) -> [Z<S>; R] {
    // A loop, as closures of the standard library's arrays are not always inlined.
    let mut inputs = [splat(simd, [0.0; 2]); R];
    for (j, input) in inputs.iter_mut().enumerate() {
        *input = source.load(simd, group, first + j * apart);
    }
    inputs
}

impl<I: Source, O: Sink> Step<'_, I, O> {
    #[inline(always)]
    fn odd<S: Simd, const R: usize>(self, simd: S) {
        let roots = butterfly::roots(simd, &self.pass.roots);
        self.fixed(
            simd,
            #[inline(always)]
            |x: [Z<S>; R]| butterfly::odd(simd, x, &roots),
        );
    }

    #[inline(always)]
    fn fixed<S: Simd, const R: usize>(self, simd: S, butterfly: impl Fn([Z<S>; R]) -> [Z<S>; R]) {
        let work = lanes_mut(simd, self.work);
        let apart = self.pass.apart * self.batch;
        for (number, group) in work.chunks_exact_mut(R * apart).enumerate() {
            for i in 0..self.batch {
                let y = butterfly(inputs(simd, self.source, group, i, apart));
                for k in 0..R {
                    group[i + k * apart] = y[k];
                }
                self.sink.take(simd, number, &y);
            }
            let twiddles = self.pass.twiddles.chunks_exact(R - 1);
            for (p, twiddles) in (1..self.pass.apart).zip(twiddles) {
                for i in p * self.batch..(p + 1) * self.batch {
                    let y = butterfly(inputs(simd, self.source, group, i, apart));
                    group[i] = y[0];
                    for k in 1..R {
                        group[i + k * apart] = mul(simd, y[k], splat(simd, twiddles[k - 1]));
                    }
                }
            }
        }
    }

    /// A radix without a butterfly of its own.
    #[inline(always)]
    fn any<S: Simd>(self, simd: S) {
        let Pass {
            radix,
            apart,
            twiddles,
            roots,
        } = self.pass;
        let work = lanes_mut(simd, self.work);
        let (inputs, outputs) = lanes_mut(simd, self.spare).split_at_mut(*radix);
        let outputs = &mut outputs[..*radix];
        let apart = apart * self.batch;
        for (number, group) in work.chunks_exact_mut(radix * apart).enumerate() {
            for i in 0..apart {
                for (j, input) in inputs.iter_mut().enumerate() {
                    *input = self.source.load(simd, group, i + j * apart);
                }
                let p = i / self.batch;
                for (k, output) in outputs.iter_mut().enumerate() {
                    *output = butterfly::one(simd, inputs.iter().copied(), roots, k);
                    if p > 0 && k > 0 {
                        let twiddle = twiddles[(p - 1) * (radix - 1) + k - 1];
                        *output = mul(simd, *output, splat(simd, twiddle));
                    }
                    group[i + k * apart] = *output;
                }
                self.sink.take(simd, number, outputs);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use num_complex::Complex;

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
