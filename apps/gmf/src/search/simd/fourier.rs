//! Fourier transforms of any length, one range gate per lane.
//!
//! Mixed radix after Stockham: every pass reads one buffer and writes the other, in order, so nothing is shuffled. A pass of
//! radix `R` over `R m` elements combines elements `m` apart:
//!
//! `y[R p + k] = exp(-2 pi i p k / (R m)) sum_j x[p + m j] exp(-2 pi i j k / R)`
//!
//! and `m` transforms of the rest follow, `R` interleaved. Factors 2, 3, 4, 5 and 7 are computed in registers; a larger prime costs
//! its square.

use pulp::{Simd, WithSimd};

use super::butterfly;
use super::complex::{W, Z, lanes, lanes_mut, mul, splat, turn};

/// A transform of one length, planned.
#[derive(Clone, Debug)]
pub(super) struct Fourier {
    passes: Vec<Pass>,
}

#[derive(Clone, Debug)]
struct Pass {
    radix: usize,
    /// For every `p`: the factors of outputs 1 to `radix - 1`.
    twiddles: Vec<W>,
    /// `exp(-2 pi i k / radix)`.
    roots: Vec<W>,
}

impl Fourier {
    pub(super) fn new(length: usize) -> Self {
        let mut rest = length;
        let passes = factors(length)
            .into_iter()
            .map(|radix| {
                let twiddles = (0..rest / radix)
                    .flat_map(|p| (1..radix).map(move |k| (p * k) as i128))
                    .map(|turns| turn(turns, rest as i128))
                    .collect();
                rest /= radix;
                let roots = (0..radix).map(|k| turn(k as i128, radix as i128)).collect();
                Pass {
                    radix,
                    twiddles,
                    roots,
                }
            })
            .collect();
        Self { passes }
    }

    /// Whether the result of [`run`](Self::run) is found in the second buffer.
    pub(super) fn crosses(&self) -> bool {
        self.passes.len() % 2 == 1
    }

    /// Transforms `batch` interleaved signals: element `j` of signal `b` is complex lane `j * batch + b` of `x`. The result is in `y`
    /// when the transform [`crosses`](Self::crosses), otherwise in `x`, in order; the other buffer is work space of the same length.
    #[inline(always)]
    pub(super) fn run<S: Simd>(&self, simd: S, x: &mut [f32], y: &mut [f32], batch: usize) {
        let (mut from, mut to) = (x, y);
        let mut stride = batch;
        for pass in &self.passes {
            simd.vectorize(Step {
                pass,
                from,
                to,
                stride,
            });
            (from, to) = (to, from);
            stride *= pass.radix;
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

/// The radices of a length, those that need the most registers first: 4 and odd primes, at most one 2.
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
    factors.sort_unstable_by(|a, b| b.cmp(a));
    factors
}

/// One pass.
struct Step<'a> {
    pass: &'a Pass,
    from: &'a [f32],
    to: &'a mut [f32],
    stride: usize,
}

impl WithSimd for Step<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let roots = &self.pass.roots[..];
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
            3 => self.odd::<S, 3>(simd, roots),
            5 => self.odd::<S, 5>(simd, roots),
            7 => self.odd::<S, 7>(simd, roots),
            _ => self.any(simd),
        }
    }
}

impl Step<'_> {
    #[inline(always)]
    fn odd<S: Simd, const R: usize>(self, simd: S, roots: &[W]) {
        let roots: [Z<S>; R] = std::array::from_fn(
            #[inline(always)]
            |k| splat(simd, roots[k]),
        );
        self.fixed(
            simd,
            #[inline(always)]
            |x: [Z<S>; R]| butterfly::odd(simd, x, &roots),
        );
    }

    #[inline(always)]
    fn fixed<S: Simd, const R: usize>(self, simd: S, butterfly: impl Fn([Z<S>; R]) -> [Z<S>; R]) {
        let stride = self.stride;
        let from = lanes(simd, self.from);
        let to = lanes_mut(simd, self.to);
        let apart = from.len() / R;
        let parts: [&[Z<S>]; R] = std::array::from_fn(
            #[inline(always)]
            |j| &from[j * apart..(j + 1) * apart],
        );
        if apart == stride {
            // The last pass has no twiddles.
            let mut outputs = to.chunks_exact_mut(stride);
            let outputs: [&mut [Z<S>]; R] = std::array::from_fn(
                #[inline(always)]
                |_| outputs.next().unwrap_or_default(),
            );
            for q in 0..stride {
                let y = butterfly(std::array::from_fn(
                    #[inline(always)]
                    |j| parts[j][q],
                ));
                for k in 0..R {
                    outputs[k][q] = y[k];
                }
            }
            return;
        }
        let twiddles = self.pass.twiddles.chunks_exact(R - 1);
        if stride == 1 {
            let (to, _) = to.as_chunks_mut::<R>();
            for (p, (to, twiddles)) in to.iter_mut().zip(twiddles).enumerate().take(apart) {
                let y = butterfly(std::array::from_fn(
                    #[inline(always)]
                    |j| parts[j][p],
                ));
                to[0] = y[0];
                for k in 1..R {
                    to[k] = mul(simd, y[k], splat(simd, twiddles[k - 1]));
                }
            }
            return;
        }
        for (p, (to, twiddles)) in to.chunks_exact_mut(R * stride).zip(twiddles).enumerate() {
            let twiddles: [Z<S>; R] = std::array::from_fn(
                #[inline(always)]
                |k| splat(simd, if k == 0 { [1.0, 0.0] } else { twiddles[k - 1] }),
            );
            let inputs = parts.map(
                #[inline(always)]
                |part| &part[p * stride..(p + 1) * stride],
            );
            let mut outputs = to.chunks_exact_mut(stride);
            let outputs: [&mut [Z<S>]; R] = std::array::from_fn(
                #[inline(always)]
                |_| outputs.next().unwrap_or_default(),
            );
            for q in 0..stride {
                let y = butterfly(std::array::from_fn(
                    #[inline(always)]
                    |j| inputs[j][q],
                ));
                outputs[0][q] = y[0];
                for k in 1..R {
                    outputs[k][q] = mul(simd, y[k], twiddles[k]);
                }
            }
        }
    }

    /// A radix without a butterfly of its own.
    #[inline(always)]
    fn any<S: Simd>(self, simd: S) {
        let Pass {
            radix,
            twiddles,
            roots,
        } = self.pass;
        let from = lanes(simd, self.from);
        let to = lanes_mut(simd, self.to);
        let apart = from.len() / radix;
        let twiddles = twiddles.chunks_exact(radix - 1);
        let chunks = to.chunks_exact_mut(radix * self.stride).zip(twiddles);
        for (p, (to, twiddles)) in chunks.enumerate() {
            for (k, to) in to.chunks_exact_mut(self.stride).enumerate() {
                let twiddle = splat(simd, if k == 0 { [1.0, 0.0] } else { twiddles[k - 1] });
                for (q, to) in to.iter_mut().enumerate() {
                    let first = p * self.stride + q;
                    let inputs = from[first..].iter().step_by(apart).copied();
                    *to = mul(simd, butterfly::one(simd, inputs, roots, k), twiddle);
                }
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
                let mut x = floats(input.len());
                x.copy_from_slice(&input);
                let mut y = floats(input.len());
                level.run(Transform(&plan, &mut x, &mut y, batch));
                let output = if plan.crosses() { &y } else { &x };
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
                        let error = (value(output, k, b, lane) - expected).norm();
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
