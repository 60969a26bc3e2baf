// Only what is inlined into a function compiled for a level is compiled for that level.
#![allow(clippy::inline_always)]

use std::ops::Range;

use ndarray::{ArrayView2, s};
use pulp::{Arch, Simd, WithSimd, bytemuck};

use super::taps::{ROWS, Taps};
use crate::clean::lanes::{Floats, fused, zeros};
use crate::clean::windows::Windows;

/// Vectors of pixels that are filtered together: with [`ROWS`] rows of them, their sums fill 12 of
/// the 16 registers of AVX2.
const VECTORS: usize = 3;

/// Rows of an image laid out for filters, away from its edges.
#[derive(Debug)]
pub(super) struct Planes {
    /// The image's columns by their place within a step: `[place][row][column / step]`.
    pixels: Floats,
    /// The image's rows that are there.
    rows: Range<usize>,
    /// Numbers from one row of a plane to the next, and from one plane to the next.
    row: usize,
    plane: usize,
    /// Along x and y.
    image: [usize; 2],
    window: [usize; 2],
    step: [usize; 2],
}

impl Planes {
    /// The rows that the rows `x` are filtered from.
    pub(super) fn rows(windows: &Windows, x: &Range<usize>) -> Range<usize> {
        let reach = windows.x.window;
        (x.start + 1).saturating_sub(reach)..windows.x.image.min(x.end + reach)
    }

    /// Whether these rows are there.
    pub(super) fn hold(&self, rows: &Range<usize>) -> bool {
        self.rows == *rows
    }

    /// Of rows of an image of the windows' size.
    pub(super) fn new(image: ArrayView2<'_, f32>, windows: &Windows, rows: Range<usize>) -> Planes {
        let (x, y) = (&windows.x, &windows.y);
        // An odd number of cache lines, so that rows do not fall on each other in the cache.
        let row = (y.image.div_ceil(y.step).div_ceil(8) | 1) * 8;
        let plane = row * rows.len();
        let places = y.step.min(y.image);
        // Vectors reach beyond the last row.
        let mut planes = zeros(plane * places + 8 * VECTORS);
        let lines = image.slice_move(s![rows.clone(), ..]);
        for (number, line) in lines.rows().into_iter().enumerate() {
            for place in 0..places {
                let to = &mut planes[place * plane + number * row..];
                let from = line.iter().skip(place).step_by(y.step);
                for (to, &from) in to.iter_mut().zip(from) {
                    *to = f64::from(from);
                }
            }
        }
        Planes {
            pixels: planes,
            rows,
            row,
            plane,
            image: [x.image, y.image],
            window: [x.window, y.window],
            step: [x.step, y.step],
        }
    }

    /// Filters the columns `y` of the rows `x`, away from the edges; the result is not yet divided
    /// by the coverage. `pixels` are the whole rows.
    pub(super) fn apply(
        &self,
        taps: &Taps,
        x: &Range<usize>,
        y: &Range<usize>,
        pixels: &mut [f64],
    ) {
        let arch = Arch::new();
        let [step, across] = self.step;
        let [rows, columns] = taps.steps();
        for first in (x.start..x.end).filter(|row| (row - x.start) % (ROWS * step) < step) {
            for column in y.clone().take(across) {
                // Between windows that are further apart than they are wide there is nothing.
                if first % step < rows && column % across < columns {
                    arch.dispatch(Lines {
                        planes: self,
                        taps,
                        first,
                        count: ROWS.min((x.end - first).div_ceil(step)),
                        columns: column..y.end,
                        start: x.start,
                        pixels,
                    });
                }
            }
        }
    }
}

/// Up to [`ROWS`] rows one step apart, and their columns one step apart.
struct Lines<'a> {
    planes: &'a Planes,
    taps: &'a Taps,
    first: usize,
    count: usize,
    columns: Range<usize>,
    /// The row at which `pixels` start.
    start: usize,
    pixels: &'a mut [f64],
}

impl WithSimd for Lines<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let [step, across] = self.planes.step;
        let width = self.planes.image[1];
        let block = VECTORS * S::F64_LANES * across;
        for from in self.columns.clone().step_by(block) {
            let sums = self.sums(simd, from);
            for (number, sums) in sums.iter().enumerate().take(self.count) {
                let row = self.first + number * step - self.start;
                let line = &mut self.pixels[row * width..][from..self.columns.end];
                let to = line.iter_mut().step_by(across);
                for (to, sum) in to.zip(bytemuck::cast_slice::<_, f64>(sums)) {
                    *to = *sum;
                }
            }
        }
    }
}

impl Lines<'_> {
    #[inline(always)]
    fn sums<S: Simd>(&self, simd: S, from: usize) -> [[S::f64s; VECTORS]; ROWS] {
        let taps = self.taps;
        let Planes {
            pixels: planes,
            rows: there,
            row,
            plane,
            image,
            window,
            step,
        } = self.planes;
        let at = [self.first % step[0], from % step[1]];
        let top = self.first + 1 - window[0];
        let rows = (taps.shifts[0] + (self.count - 1) * step[0]).min(there.end - top);
        let mut sums = [[simd.splat_f64s(0.0); VECTORS]; ROWS];
        // No window that fits reaches beyond the image: such taps are 0.
        let columns = taps.shifts[1].min(image[1] + window[1] - 1 - from);
        // Row by row: a row's pixels stay in the cache, and in one page, for all their shifts.
        for i in 0..rows {
            let taps: [&[f64]; ROWS] =
                std::array::from_fn(|number| taps.along_y(at, i + (ROWS - 1 - number) * step[0]));
            for dy in 0..columns {
                let column = from + dy + 1 - window[1];
                let start =
                    (column % step[1]) * plane + (top - there.start + i) * row + column / step[1];
                let (line, _) = S::as_simd_f64s(&planes[start..][..VECTORS * S::F64_LANES]);
                let Some(line) = line.first_chunk::<VECTORS>() else {
                    continue;
                };
                for (sums, taps) in sums.iter_mut().zip(taps) {
                    let tap = simd.splat_f64s(taps[dy]);
                    for (sum, &pixels) in sums.iter_mut().zip(line) {
                        *sum = fused(simd, tap, pixels, *sum);
                    }
                }
            }
        }
        sums
    }
}
