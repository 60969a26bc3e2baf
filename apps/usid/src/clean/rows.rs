//! Spectra of the rows of an image, and products of them.

// Only what is inlined into a function compiled for a level is compiled for that level.
#![allow(clippy::inline_always)]

use std::ops::Range;
use std::sync::Arc;

use pulp::{Arch, Simd, WithSimd};
use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::lanes::{Floats, fused, zeros};

/// Transforms of rows of real numbers: of some length, which may be more than the rows have.
#[derive(Clone)]
pub(super) struct RowTransforms {
    length: usize,
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
}

impl std::fmt::Debug for RowTransforms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "transforms of {} numbers", self.length)
    }
}

/// Spectra, one after the other: of each first the real parts, then the imaginary ones, both padded
/// with zeros to whole cache lines.
#[derive(Debug)]
pub(super) struct Spectra {
    values: Floats,
    /// Numbers from the real to the imaginary parts.
    part: usize,
}

/// What a lane needs for transforms.
#[derive(Debug)]
pub(super) struct Buffers {
    row: Vec<f64>,
    spectrum: Vec<Complex<f64>>,
    work: Vec<Complex<f64>>,
}

impl RowTransforms {
    /// Of at least so many numbers: the next even length without prime factors above 7.
    pub(super) fn at_least(least: usize) -> RowTransforms {
        let mut length = least.max(2).next_multiple_of(2);
        while !is_smooth(length) {
            length += 2;
        }
        let mut planner = RealFftPlanner::new();
        RowTransforms {
            length,
            forward: planner.plan_fft_forward(length),
            inverse: planner.plan_fft_inverse(length),
        }
    }

    /// Numbers of a row.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Frequencies of a spectrum.
    fn frequencies(&self) -> usize {
        self.length / 2 + 1
    }

    pub(super) fn buffers(&self) -> Buffers {
        let work = self.forward.get_scratch_len();
        Buffers {
            row: vec![0.0; self.length],
            spectrum: self.forward.make_output_vec(),
            work: vec![Complex::default(); work.max(self.inverse.get_scratch_len())],
        }
    }

    /// Room for so many spectra, all 0.
    pub(super) fn spectra(&self, count: usize) -> Spectra {
        let part = self.frequencies().next_multiple_of(8);
        Spectra {
            values: zeros(2 * part * count),
            part,
        }
    }

    /// Replaces a spectrum by that of a row, which is followed by zeros.
    pub(super) fn forward(
        &self,
        row: impl Iterator<Item = f32>,
        buffers: &mut Buffers,
        spectra: &mut Spectra,
        number: usize,
    ) {
        buffers.row.fill(0.0);
        for (value, pixel) in buffers.row.iter_mut().zip(row) {
            *value = f64::from(pixel);
        }
        self.forward_buffer(buffers, spectra, number);
    }

    /// The same of the numbers `row(i)`, which are 0 where nothing else is said.
    pub(super) fn forward_of(
        &self,
        numbers: impl Iterator<Item = (usize, f64)>,
        buffers: &mut Buffers,
        spectra: &mut Spectra,
        number: usize,
    ) {
        buffers.row.fill(0.0);
        for (at, value) in numbers {
            buffers.row[at] += value;
        }
        self.forward_buffer(buffers, spectra, number);
    }

    fn forward_buffer(&self, buffers: &mut Buffers, spectra: &mut Spectra, number: usize) {
        let Buffers {
            row,
            spectrum,
            work,
        } = buffers;
        let done = self.forward.process_with_scratch(row, spectrum, work);
        done.expect("the buffers are of this length");
        let (re, im) = spectra.parts_mut(number);
        for ((re, im), value) in re.iter_mut().zip(im).zip(spectrum) {
            *re = value.re;
            *im = value.im;
        }
    }

    /// The row whose spectrum this is.
    pub(super) fn inverse<'b>(
        &self,
        spectra: &Spectra,
        number: usize,
        buffers: &'b mut Buffers,
    ) -> &'b [f64] {
        let Buffers {
            row,
            spectrum,
            work,
        } = buffers;
        let (re, im) = spectra.parts(number);
        for ((re, im), value) in re.iter().zip(im).zip(spectrum.iter_mut()) {
            *value = Complex::new(*re, *im);
        }
        // They are real but for rounding.
        for end in [0, self.frequencies() - 1] {
            spectrum[end].im = 0.0;
        }
        let done = self.inverse.process_with_scratch(spectrum, row, work);
        done.expect("the buffers are of this length, and the ends are real");
        let scale = 1.0 / self.length as f64;
        for value in row.iter_mut() {
            *value *= scale;
        }
        row
    }
}

fn is_smooth(mut number: usize) -> bool {
    for prime in [2, 3, 5, 7] {
        while number.is_multiple_of(prime) {
            number /= prime;
        }
    }
    number == 1
}

impl Spectra {
    /// All numbers, and how many there are of one spectrum.
    pub(super) fn into_values(self) -> Vec<f64> {
        self.values.to_vec()
    }

    /// Of these numbers, as [`into_values`](Spectra::into_values) had them.
    pub(super) fn from_values(values: &[f64], transforms: &RowTransforms) -> Spectra {
        let mut spectra = transforms.spectra(0);
        spectra.values = zeros(values.len());
        spectra.values.copy_from_slice(values);
        spectra
    }

    fn parts(&self, number: usize) -> (&[f64], &[f64]) {
        self.values[2 * self.part * number..][..2 * self.part].split_at(self.part)
    }

    fn parts_mut(&mut self, number: usize) -> (&mut [f64], &mut [f64]) {
        self.values[2 * self.part * number..][..2 * self.part].split_at_mut(self.part)
    }

    pub(super) fn clear(&mut self) {
        self.values.fill(0.0);
    }

    /// Adds products of spectra: to number `sum` of these the product of the conjugate of number
    /// `conjugate` of `conjugates` and number `factor` of `factors`, for each of `terms`.
    ///
    /// Terms are added in their order, frequency by frequency.
    pub(super) fn add_products(&mut self, conjugates: &Spectra, factors: &Spectra, terms: &[Term]) {
        for start in (0..self.part).step_by(CHUNK) {
            Arch::new().dispatch(Products {
                sums: self,
                conjugates,
                factors,
                terms,
                frequencies: start..(start + CHUNK).min(conjugates.part),
            });
        }
    }
}

/// Numbers of spectra that are multiplied.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    pub(super) sum: usize,
    pub(super) conjugate: usize,
    pub(super) factor: usize,
}

/// Frequencies of which all terms are added before the next ones: few enough for the cache.
const CHUNK: usize = 64;

struct Products<'a> {
    sums: &'a mut Spectra,
    conjugates: &'a Spectra,
    factors: &'a Spectra,
    terms: &'a [Term],
    frequencies: Range<usize>,
}

impl WithSimd for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let range = self.frequencies;
        for term in self.terms {
            let (a_re, a_im) = self.conjugates.parts(term.conjugate);
            let (b_re, b_im) = self.factors.parts(term.factor);
            let (re, im) = self.sums.parts_mut(term.sum);
            let (a_re, _) = S::as_simd_f64s(&a_re[range.clone()]);
            let (a_im, _) = S::as_simd_f64s(&a_im[range.clone()]);
            let (b_re, _) = S::as_simd_f64s(&b_re[range.clone()]);
            let (b_im, _) = S::as_simd_f64s(&b_im[range.clone()]);
            let (re, _) = S::as_mut_simd_f64s(&mut re[range.clone()]);
            let (im, _) = S::as_mut_simd_f64s(&mut im[range.clone()]);
            let a = a_re.iter().zip(a_im);
            let b = b_re.iter().zip(b_im);
            for (((re, im), a), b) in re.iter_mut().zip(im).zip(a).zip(b) {
                let ((&a_re, &a_im), (&b_re, &b_im)) = (a, b);
                *re = fused(simd, a_re, b_re, fused(simd, a_im, b_im, *re));
                let less = fused(simd, simd.neg_f64s(a_im), b_re, *im);
                *im = fused(simd, a_re, b_im, less);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    #[test]
    fn lengths_have_small_factors() {
        for (least, length) in [(1, 2), (2, 2), (11, 12), (2079, 2100), (2048, 2048)] {
            assert_eq!(RowTransforms::at_least(least).length(), length);
        }
    }

    #[test]
    fn products_are_correlations() {
        let transforms = RowTransforms::at_least(40);
        let mut buffers = transforms.buffers();
        let rows = [3, 5].map(|k| Array1::from_shape_fn(30, |i| ((i * k + 1) % 11) as f32));
        let mut spectra = transforms.spectra(2);
        for (number, row) in rows.iter().enumerate() {
            transforms.forward(row.iter().copied(), &mut buffers, &mut spectra, number);
        }
        let mut sums = transforms.spectra(1);
        let term = Term {
            sum: 0,
            conjugate: 0,
            factor: 1,
        };
        sums.add_products(&spectra, &spectra, &[term, term]);
        let values = Spectra::from_values(&sums.into_values(), &transforms);
        let found = transforms.inverse(&values, 0, &mut buffers);
        for lag in -10..=10_isize {
            let pair = |i: isize| {
                let at = |row: &Array1<f32>, i: isize| {
                    let i = usize::try_from(i).ok()?;
                    row.get(i).map(|&value| f64::from(value))
                };
                Some(at(&rows[0], i)? * at(&rows[1], i + lag)?)
            };
            let expected: f64 = 2.0 * (0..30).filter_map(pair).sum::<f64>();
            let found = found[lag.rem_euclid(transforms.length() as isize) as usize];
            assert!(
                (found - expected).abs() < 1e-11,
                "{lag}: {found} {expected}"
            );
        }
    }
}
