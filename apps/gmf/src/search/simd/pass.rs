//! One pass of a Fourier transform in place.

use pulp::{Simd, WithSimd};

use super::butterfly;
use super::complex::{W, Z, lanes_mut, mul, splat};

/// A pass, planned.
#[derive(Clone, Debug)]
pub(super) struct Pass {
    pub(super) radix: usize,
    /// Elements of a group over the radix.
    pub(super) apart: usize,
    /// For every `p` above 0: the factors of outputs 1 to `radix - 1`.
    pub(super) twiddles: Vec<W>,
    /// `exp(-2 pi i k / radix)`.
    pub(super) roots: Vec<W>,
}

/// Where a transform begins.
pub(super) trait Source: Copy {
    /// Element `i` of a group of the work space, or what belongs there.
    fn load<S: Simd>(self, simd: S, group: &[Z<S>], i: usize) -> Z<S>;
}

/// Elements are in the work space already.
#[derive(Clone, Copy)]
pub(super) struct InPlace;

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
pub(super) struct Nobody;

impl Sink for Nobody {
    #[inline(always)]
    fn take<S: Simd>(&mut self, _: S, _: usize, _: &[Z<S>]) {}
}

/// One pass over all groups.
pub(super) struct Step<'a, I, O> {
    pub(super) pass: &'a Pass,
    pub(super) batch: usize,
    pub(super) source: I,
    pub(super) work: &'a mut [f32],
    pub(super) spare: &'a mut [f32],
    pub(super) sink: &'a mut O,
}

impl<'a, I, O> Step<'a, I, O> {
    /// Over one signal.
    #[inline(always)]
    pub(super) fn alone(
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
