//! One gate out of the lanes, and the power at one place in f64.

use num_complex::Complex;
use pulp::{Simd, WithSimd};

use super::complex::W;
use super::layout::Layout;

/// A complex number in f64.
pub(super) type Wide = Complex<f64>;

/// `exp(-2 pi i turns / of)`.
pub(super) fn turn(turns: usize, of: usize) -> Wide {
    Wide::cis(-2.0 * std::f64::consts::PI * turns as f64 / of as f64)
}

/// Lanes that are taken out together: a row of the nearest cache has so many.
pub(super) const TOGETHER: usize = 4;

/// Takes the lanes from `first` on out: real and imaginary parts, those of one lane after those of
/// another.
pub(super) fn take(echo: &[f32], lanes: usize, first: usize, re: &mut [f32], im: &mut [f32]) {
    let length = re.len() / TOGETHER;
    for (element, z) in echo.chunks_exact(2 * lanes).take(length).enumerate() {
        let (x, y) = (&z[first..first + TOGETHER], &z[lanes + first..]);
        for (lane, (&x, &y)) in x.iter().zip(y).enumerate() {
            re[lane * length + element] = x;
            im[lane * length + element] = y;
        }
    }
}

/// The sum of an echo in f64.
pub(super) struct Sum<'a>(pub(super) &'a [f32], pub(super) &'a [f32]);

impl WithSimd for Sum<'_> {
    type Output = Wide;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Wide {
        // Eight sums side by side: one alone would wait for every addition.
        let total = |part: &[f32]| {
            let (eights, rest) = part.as_chunks::<8>();
            let mut sums = [0.0; 8];
            for eight in eights {
                for (sum, &x) in sums.iter_mut().zip(eight) {
                    *sum += f64::from(x);
                }
            }
            sums.iter().sum::<f64>() + rest.iter().map(|&x| f64::from(x)).sum::<f64>()
        };
        Wide::new(total(self.0), total(self.1))
    }
}

/// The squared magnitude of the echo times the factors, at one bin of its spectrum, in f64.
pub(super) struct Power<'a> {
    pub(super) layout: Layout,
    /// Real and imaginary parts of the echo.
    pub(super) echo: (&'a [f32], &'a [f32]),
    pub(super) factors: &'a [W],
    pub(super) bin: usize,
    /// `exp(-2 pi i k / K')` for all `K'` pulses that the spectrum spans: from one pulse to the
    /// next a bin turns by one of these.
    pub(super) roots: &'a [Wide],
    /// Bins of the spectrum.
    pub(super) bins: usize,
    /// Work space: two numbers per sample of a pulse.
    pub(super) work: &'a mut [f64],
}

impl WithSimd for Power<'_> {
    type Output = f64;

    // No vectors by hand: compiled for the level, these loops become vectors by themselves.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let step = turn(self.bin, self.bins);
        let mut here = Wide::new(1.0, 0.0);
        let mut total = Wide::default();
        let (re, im) = self.work.split_at_mut(self.layout.terms);
        re.fill(0.0);
        im.fill(0.0);
        for k in 0..self.layout.pulses {
            let pulse = self.roots[self.bin % self.roots.len() * k % self.roots.len()];
            let row = self.layout.row(k);
            let echo = self.echo.0[row.clone()]
                .iter()
                .zip(&self.echo.1[row.clone()]);
            let sums = re.iter_mut().zip(im.iter_mut());
            for (((&x, &y), factor), (re, im)) in echo.zip(&self.factors[row]).zip(sums) {
                let [c, s] = factor.map(f64::from);
                let (x, y) = (f64::from(x), f64::from(y));
                let (u, v) = (x * c - y * s, x * s + y * c);
                *re += u * pulse.re - v * pulse.im;
                *im += u * pulse.im + v * pulse.re;
            }
        }
        for (&re, &im) in re.iter().zip(im.iter()) {
            total += Wide::new(re, im) * here;
            here *= step;
        }
        total.norm_sqr()
    }
}
