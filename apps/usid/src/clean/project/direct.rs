use std::ops::Range;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use ndarray::{Array2, ArrayView2};

use crate::clean::windows::Windows;

/// Windows in a block.
const BLOCK: usize = 128;

/// Cleaning window by window.
#[derive(Debug)]
pub(super) struct Direct {
    /// The tapered components, one per column.
    kept: Mat<f64>,
}

/// One lane's buffers: windows in columns, and their scores.
#[derive(Debug)]
pub(super) struct Scratch {
    /// The taper is in the components.
    ones: Vec<f64>,
    windows: Mat<f64>,
    scores: Mat<f64>,
}

impl Scratch {
    /// For at most `most` components.
    pub(super) fn new(windows: &Windows, most: usize) -> Scratch {
        Scratch {
            ones: vec![1.0; windows.pixels()],
            windows: Mat::zeros(windows.pixels(), BLOCK),
            scores: Mat::zeros(most, BLOCK),
        }
    }
}

impl Direct {
    /// For the tapered components in the rows of `kept`.
    pub(super) fn new(kept: &Array2<f64>) -> Direct {
        Direct {
            kept: Mat::from_fn(kept.ncols(), kept.nrows(), |pixel, c| kept[[c, pixel]]),
        }
    }

    /// The number of components.
    pub(super) fn components(&self) -> usize {
        self.kept.ncols()
    }

    /// Adds all windows' shares of the columns `y` of the rows `x`, not yet divided by their
    /// coverage. `pixels` are the whole rows.
    pub(super) fn add(
        &self,
        (image, windows): (ArrayView2<'_, f32>, &Windows),
        (x, y): (&Range<usize>, &Range<usize>),
        scratch: &mut Scratch,
        pixels: &mut [f64],
    ) {
        let columns = windows.y.touching(y.clone());
        let touching: Vec<usize> = windows
            .x
            .touching(x.clone())
            .flat_map(|row| columns.clone().map(move |column| (row, column)))
            .map(|(row, column)| row * windows.y.count() + column)
            .collect();
        for block in touching.chunks(BLOCK) {
            for (column, &window) in block.iter().enumerate() {
                let column = scratch.windows.col_as_slice_mut(column);
                windows.cut(image, &scratch.ones, window, column);
            }
            let mut scores =
                scratch
                    .scores
                    .as_mut()
                    .submatrix_mut(0, 0, self.kept.ncols(), block.len());
            let formed = scratch.windows.as_ref().subcols(0, block.len());
            matmul(
                scores.as_mut(),
                Accum::Replace,
                self.kept.transpose(),
                formed,
                1.0,
                Par::Seq,
            );
            matmul(
                scratch.windows.as_mut().subcols_mut(0, block.len()),
                Accum::Replace,
                self.kept.as_ref(),
                scores,
                1.0,
                Par::Seq,
            );
            for (column, &window) in block.iter().enumerate() {
                let values = scratch.windows.col_as_slice(column);
                scatter(windows, window, values, (x, y), pixels);
            }
        }
    }
}

/// Adds the part of a window that lies in the rectangle.
fn scatter(
    windows: &Windows,
    window: usize,
    values: &[f64],
    (x, y): (&Range<usize>, &Range<usize>),
    pixels: &mut [f64],
) {
    let [ox, oy] = windows.origin(window);
    let width = windows.y.window;
    let rows = ox.max(x.start)..(ox + windows.x.window).min(x.end);
    let columns = oy.max(y.start)..(oy + width).min(y.end);
    for row in rows {
        let from = &values[(row - ox) * width..][columns.start - oy..columns.end - oy];
        let line = &mut pixels[(row - x.start) * windows.y.image..];
        for (to, from) in line[columns.clone()].iter_mut().zip(from) {
            *to += from;
        }
    }
}
