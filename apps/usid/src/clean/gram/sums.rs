// Only what is inlined into a function compiled for a level is compiled for that level.
#![allow(clippy::inline_always)]

use pulp::{Simd, WithSimd};

use crate::clean::axis::Axis;
use crate::clean::lanes::fused;

/// Shifts that share the pixels they are products of. With two vectors each, their sums fill 12 of
/// the 16 registers of AVX2.
pub(super) const SHIFTS: usize = 6;

/// Sums of product images down the rows:
/// `sums[k, p_x, column] = sum_o I(o + p_x) I(o + p_x + d_x + k)` over the origins of an axis.
pub(super) struct Sums<'a> {
    pub(super) axis: &'a Axis,
    pub(super) dx: usize,
    /// Strips of two vectors, each with all rows.
    pub(super) image: &'a [f64],
    pub(super) shifted: &'a [f64],
    /// `[SHIFTS, window, width]`.
    pub(super) out: &'a mut [f64],
    pub(super) width: usize,
}

/// One row of a strip.
type Row<S> = [<S as Simd>::f64s; 2];

impl WithSimd for Sums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let strips = self.width / (2 * S::F64_LANES);
        let image: &[Row<S>] = S::as_simd_f64s(self.image).0.as_chunks().0;
        let shifted: &[Row<S>] = S::as_simd_f64s(self.shifted).0.as_chunks().0;
        let sums: &mut [Row<S>] = S::as_mut_simd_f64s(self.out).0.as_chunks_mut().0;
        let rows = (image.len() / strips, shifted.len() / strips);
        let strips = image
            .chunks_exact(rows.0)
            .zip(shifted.chunks_exact(rows.1))
            .enumerate();
        let (axis, dx, width) = (self.axis, self.dx, strips.len());
        for (strip, (image, shifted)) in strips {
            let place = |k: usize, row: usize| (k * axis.window + row) * width + strip;
            let rows = axis.window - dx;
            for row in 0..axis.step.min(rows) {
                let sum = down(simd, axis, &image[row..], &shifted[dx + row..]);
                for (k, sum) in sum.into_iter().enumerate() {
                    sums[place(k, row)] = sum;
                }
            }
            for row in axis.step..rows {
                for k in 0..SHIFTS {
                    let above = row - axis.step;
                    let product = |at: usize| (image[at], shifted[at + dx + k]);
                    let mut sum = sums[place(k, above)];
                    // The origins' rows but the first, and one more.
                    swap(
                        simd,
                        &mut sum,
                        product(above),
                        product(above + axis.regular * axis.step),
                    );
                    if let Some(last) = axis.last {
                        swap(simd, &mut sum, product(last + above), product(last + row));
                    }
                    sums[place(k, row)] = sum;
                }
            }
        }
    }
}

/// Takes one product from a sum and adds another.
#[inline(always)]
fn swap<S: Simd>(simd: S, sum: &mut Row<S>, out: (Row<S>, Row<S>), into: (Row<S>, Row<S>)) {
    for (v, sum) in sum.iter_mut().enumerate() {
        let less = fused(simd, simd.neg_f64s(out.0[v]), out.1[v], *sum);
        *sum = fused(simd, into.0[v], into.1[v], less);
    }
}

/// The sums of one row of the windows over all origins, given the image from that row on.
#[inline(always)]
fn down<S: Simd>(simd: S, axis: &Axis, image: &[Row<S>], shifted: &[Row<S>]) -> [Row<S>; SHIFTS] {
    let mut sums = [[simd.splat_f64s(0.0); 2]; SHIFTS];
    let images = image.iter().step_by(axis.step).take(axis.regular);
    let below = shifted.windows(SHIFTS).step_by(axis.step);
    for (image, shifted) in images.zip(below) {
        add(simd, &mut sums, image, shifted);
    }
    if let Some(last) = axis.last {
        add(simd, &mut sums, &image[last], &shifted[last..]);
    }
    sums
}

#[inline(always)]
fn add<S: Simd>(simd: S, sums: &mut [Row<S>; SHIFTS], image: &Row<S>, shifted: &[Row<S>]) {
    let Some(shifted) = shifted.first_chunk::<SHIFTS>() else {
        return;
    };
    for (sum, shifted) in sums.iter_mut().zip(shifted) {
        sum[0] = fused(simd, image[0], shifted[0], sum[0]);
        sum[1] = fused(simd, image[1], shifted[1], sum[1]);
    }
}
