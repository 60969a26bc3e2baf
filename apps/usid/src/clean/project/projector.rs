use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use ndarray::Array2;

use crate::clean::windows::Windows;

/// What projects a window on the kept components: `P[p, q] = sum_c v_c(p) v_c(q)`.
#[derive(Debug)]
pub(super) struct Projector {
    values: Mat<f64>,
    /// Along x and y.
    window: [usize; 2],
}

impl Projector {
    /// On the tapered components in the rows of `kept`.
    pub(super) fn new(windows: &Windows, kept: &Array2<f64>) -> Projector {
        let pixels = windows.pixels();
        let kept = Mat::from_fn(pixels, kept.nrows(), |pixel, c| kept[[c, pixel]]);
        let mut values = Mat::<f64>::zeros(pixels, pixels);
        matmul(
            values.as_mut(),
            Accum::Replace,
            kept.as_ref(),
            kept.transpose(),
            1.0,
            Par::Seq,
        );
        Projector {
            values,
            window: [windows.x.window, windows.y.window],
        }
    }

    /// One entry, by rows and columns of the two pixels.
    pub(super) fn entry(&self, from: [usize; 2], to: [usize; 2]) -> f64 {
        let [_, width] = self.window;
        self.values[(to[0] * width + to[1], from[0] * width + from[1])]
    }

    /// The column of a pixel: entries with all others.
    pub(super) fn column(&self, pixel: usize) -> &[f64] {
        self.values.col_as_slice(pixel)
    }

    /// The sum of the entries of all pairs of pixels that are `(dx, dy)` apart: the tap of a filter
    /// where windows are one pixel apart.
    pub(super) fn tap(&self, dx: isize, dy: isize) -> f64 {
        let pairs = |window: usize, d: isize| {
            let first = (-d).max(0) as usize;
            (first..first + window - d.unsigned_abs())
                .map(move |at| (at, at.wrapping_add_signed(d)))
        };
        let [wx, wy] = self.window;
        let rows = pairs(wx, dx);
        let entries = rows.flat_map(|(a, to_a)| {
            pairs(wy, dy).map(move |(b, to_b)| self.entry([a, b], [to_a, to_b]))
        });
        entries.sum()
    }
}
