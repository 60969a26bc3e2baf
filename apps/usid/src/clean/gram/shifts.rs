//! The Gram matrix by shifts, never forming a window.
//!
//! With `d` the shift from pixel `p` of a window to pixel `p + d`, every entry is a sum over the
//! windows' origins `o`,
//!
//! `G[p, p + d] = sum_o P_d(o + p)`, `P_d(u) = I(u) I(u + d)`
//!
//! and entries of one shift whose `p` differ by a step share all terms but those of the first and
//! the last origin. So for every shift the product image is summed once: down the rows for every
//! `p_x` (`sums`), then along these sums for every `p_y` (`along`). Products of f32 pixels are
//! exact in f64; only their sums round.

use jobwise_core::{Cause, CpuKernel, Signature, Workload};
use ndarray::{Array2, ArrayView2};
use pulp::Arch;

use super::along::Along;
use super::sums::{SHIFTS, Sums};
use crate::clean::lanes::{Floats, width, zeros};
use crate::clean::windows::Windows;

/// Columns that are summed at a time, at most, if they are several steps.
const SLAB: usize = 64;

/// The Gram matrix of all windows of an image, by shifts: item `i` is all shifts with
/// `d_y = i - (w_y - 1)`.
///
/// An item's output is its entries `G[p, p + d]`: for every `d_x` (from 0; from 1 where `d_y < 0`,
/// as the matrix is symmetric) for every `p_x`, for every `p_y`, both increasing. No two items
/// share an entry, so the matrix does not depend on who computes them.
#[derive(Clone, Copy, Debug)]
pub struct Shifts<'a> {
    image: ArrayView2<'a, f32>,
    windows: &'a Windows,
}

/// One lane's buffers.
#[derive(Debug)]
pub struct Scratch {
    /// A slab of the image, strip after strip, and the same shifted.
    image: Floats,
    shifted: Floats,
    /// Sums down the rows of one slab, and those that count for every `p_y`.
    sums: Floats,
    inner: Floats,
}

/// The shifts of one item.
#[derive(Clone, Copy, Debug)]
struct Shift {
    dy: isize,
    /// The first `d_x`.
    first: usize,
    /// The first `p_y`, and how many there are.
    start: usize,
    length: usize,
}

impl<'a> Shifts<'a> {
    /// The windows of an image of their size.
    pub fn new(image: ArrayView2<'a, f32>, windows: &'a Windows) -> Shifts<'a> {
        Shifts { image, windows }
    }

    /// The image.
    #[cfg(feature = "cuda")]
    pub(super) fn image(&self) -> ArrayView2<'a, f32> {
        self.image
    }

    /// Its windows.
    #[cfg(feature = "cuda")]
    pub(super) fn windows(&self) -> &'a Windows {
        self.windows
    }

    /// `d_y` of an item.
    #[cfg(feature = "cuda")]
    pub(super) fn shift_along_y(&self, index: usize) -> isize {
        self.shift(index).dy
    }

    /// How many entries an item has.
    pub(super) fn entries(&self, index: usize) -> usize {
        let shift = self.shift(index);
        let window = self.windows.x.window;
        let rows: usize = (shift.first..window).map(|dx| window - dx).sum();
        rows * shift.length
    }

    fn shift(&self, index: usize) -> Shift {
        let wy = self.windows.y.window;
        let dy = index as isize - (wy as isize - 1);
        Shift {
            dy,
            first: usize::from(dy < 0),
            start: (-dy).max(0) as usize,
            length: wy - dy.unsigned_abs(),
        }
    }

    /// Columns of a slab that count, a multiple of the step, and columns it holds, a multiple of
    /// the strips.
    fn slab(&self) -> (usize, usize) {
        let step = self.windows.y.step.min(self.windows.y.image);
        let columns = (SLAB / step).max(1) * step;
        (columns, columns.next_multiple_of(2 * width()))
    }

    /// Multiply-adds of vectors, about.
    pub(super) fn cost(&self) -> f64 {
        let (x, y) = (&self.windows.x, &self.windows.y);
        let rows = x.regular * x.step.min(x.window);
        let shifts = x.window * (2 * y.window - 1);
        // The y axis is summed in slabs at both ends and one in the middle, one number at a time.
        let down = y.image * (rows + 2 * x.window);
        let along = 3 * x.window * (SLAB + y.window) * 4;
        shifts as f64 * (down + along) as f64
    }

    /// Copies columns `from .. from + columns` to `strips`; what lies outside the image is 0.
    fn pack(&self, from: isize, columns: usize, strips: &mut [f64]) {
        let rows = strips.len() / self.slab().1;
        let width = 2 * width();
        let inside = |column: usize| {
            usize::try_from(from + column as isize)
                .ok()
                .filter(|&y| y < self.windows.y.image)
        };
        for (number, strip) in strips.chunks_exact_mut(rows * width).enumerate() {
            let columns = |lane| Some(number * width + lane).filter(|&column| column < columns);
            for (row, line) in strip.chunks_exact_mut(width).zip(self.image.rows()) {
                for (lane, value) in row.iter_mut().enumerate() {
                    let column = columns(lane).and_then(inside);
                    *value = column.map_or(0.0, |y| f64::from(line[y]));
                }
            }
        }
    }

    /// Puts the entries of item `index` in their places.
    pub(super) fn place(&self, index: usize, entries: &[f64], gram: &mut Array2<f64>) {
        let shift = self.shift(index);
        let (wx, wy) = (self.windows.x.window, self.windows.y.window);
        let mut rows = entries.chunks_exact(shift.length);
        for dx in shift.first..wx {
            for (px, row) in (0..wx - dx).zip(&mut rows) {
                for (py, &entry) in (shift.start..).zip(row) {
                    let p = px * wy + py;
                    let q = (px + dx) * wy + py.wrapping_add_signed(shift.dy);
                    gram[[p, q]] = entry;
                    gram[[q, p]] = entry;
                }
            }
        }
    }
}

impl Signature for Shifts<'_> {
    type Item<'t>
        = ()
    where
        Self: 't;
    type Output = Vec<f64>;
}

impl Workload for Shifts<'_> {
    fn len(&self) -> usize {
        2 * self.windows.y.window - 1
    }

    fn read(&self, _: usize) -> Result<(), Cause> {
        Ok(())
    }
}

impl CpuKernel for Shifts<'_> {
    type Scratch = Scratch;

    fn scratch(&self) -> Result<Scratch, Cause> {
        let (_, width) = self.slab();
        let (x, groups) = (&self.windows.x, self.windows.x.window.div_ceil(SHIFTS));
        Ok(Scratch {
            image: zeros(x.image * width),
            // A group of shifts reaches below the image.
            shifted: zeros((x.image + SHIFTS) * width),
            sums: zeros(SHIFTS * x.window * width),
            inner: zeros(groups * SHIFTS * x.window * width),
        })
    }

    fn compute(&self, index: usize, (): (), scratch: &mut Scratch) -> Result<Vec<f64>, Cause> {
        let (x, y) = (&self.windows.x, &self.windows.y);
        let shift = self.shift(index);
        let (columns, width) = self.slab();
        let arch = Arch::new();
        let mut entries = vec![0.0; self.entries(index)];
        let along = Along {
            axis: y,
            start: shift.start,
            width,
        };
        let block = SHIFTS * x.window * width;
        scratch.inner.fill(0.0);
        // The inner columns' sums repeat with the step: they stand for one slab where they count
        // for every p_y.
        let mut inner_at = None;
        for from in (0..y.image).step_by(columns) {
            let slab = from..(from + columns).min(y.image);
            self.pack(from as isize, slab.len(), &mut scratch.image);
            self.pack(from as isize + shift.dy, slab.len(), &mut scratch.shifted);
            let inner = along.is_inner(&slab, shift.length);
            let mut done = 0;
            for (group, total) in scratch.inner.chunks_exact_mut(block).enumerate() {
                let dx = shift.first + group * SHIFTS;
                if dx >= x.window {
                    break;
                }
                arch.dispatch(Sums {
                    axis: x,
                    dx,
                    image: &scratch.image,
                    shifted: &scratch.shifted,
                    out: &mut scratch.sums,
                    width,
                });
                if inner {
                    inner_at.get_or_insert(slab.clone());
                    for (total, sum) in total.iter_mut().zip(&*scratch.sums) {
                        *total += sum;
                    }
                } else {
                    along.add(
                        &slab,
                        &scratch.sums,
                        dx,
                        x.window,
                        shift.length,
                        &mut entries[done..],
                    );
                }
                done += (dx..x.window.min(dx + SHIFTS))
                    .map(|dx| x.window - dx)
                    .sum::<usize>()
                    * shift.length;
            }
        }
        if let Some(slab) = inner_at {
            let mut done = 0;
            for (group, total) in scratch.inner.chunks_exact(block).enumerate() {
                let dx = shift.first + group * SHIFTS;
                if dx >= x.window {
                    break;
                }
                along.add(
                    &slab,
                    total,
                    dx,
                    x.window,
                    shift.length,
                    &mut entries[done..],
                );
                done += (dx..x.window.min(dx + SHIFTS))
                    .map(|dx| x.window - dx)
                    .sum::<usize>()
                    * shift.length;
            }
        }
        Ok(entries)
    }
}
