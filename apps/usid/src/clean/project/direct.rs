use std::ops::Range;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use ndarray::Array2;

use crate::clean::windows::Windows;

/// Windows in a block.
const BLOCK: usize = 128;

/// Cleaning window by window.
#[derive(Debug)]
pub(super) struct Direct<'a> {
    image: &'a Array2<f32>,
    windows: &'a Windows,
    /// The tapered components, one per column.
    kept: Mat<f64>,
    /// The taper is in the components.
    ones: Vec<f64>,
}

/// One lane's buffers: windows in columns, and their scores.
#[derive(Debug)]
pub struct Scratch {
    windows: Mat<f64>,
    scores: Mat<f64>,
}

impl<'a> Direct<'a> {
    pub(super) fn new(
        image: &'a Array2<f32>,
        windows: &'a Windows,
        kept: &Array2<f64>,
    ) -> Direct<'a> {
        Direct {
            image,
            windows,
            kept: Mat::from_fn(kept.ncols(), kept.nrows(), |pixel, c| kept[[c, pixel]]),
            ones: vec![1.0; windows.pixels()],
        }
    }

    pub(super) fn scratch(&self) -> Scratch {
        Scratch {
            windows: Mat::zeros(self.kept.nrows(), BLOCK),
            scores: Mat::zeros(self.kept.ncols(), BLOCK),
        }
    }

    /// Adds all windows' shares of the pixels in a rectangle, not yet divided by their coverage.
    pub(super) fn add(
        &self,
        x: &Range<usize>,
        y: &Range<usize>,
        scratch: &mut Scratch,
        pixels: &mut [f64],
    ) {
        let columns = self.windows.y.touching(y.clone());
        let touching: Vec<usize> = self
            .windows
            .x
            .touching(x.clone())
            .flat_map(|row| columns.clone().map(move |column| (row, column)))
            .map(|(row, column)| row * self.windows.y.count() + column)
            .collect();
        for block in touching.chunks(BLOCK) {
            for (column, &window) in block.iter().enumerate() {
                let column = scratch.windows.col_as_slice_mut(column);
                self.windows.cut(self.image, &self.ones, window, column);
            }
            let mut scores = scratch.scores.as_mut().subcols_mut(0, block.len());
            let windows = scratch.windows.as_ref().subcols(0, block.len());
            matmul(
                scores.as_mut(),
                Accum::Replace,
                self.kept.transpose(),
                windows,
                1.0,
                Par::Seq,
            );
            let mut windows = scratch.windows.as_mut().subcols_mut(0, block.len());
            matmul(
                windows.as_mut(),
                Accum::Replace,
                self.kept.as_ref(),
                scores,
                1.0,
                Par::Seq,
            );
            for (column, &window) in block.iter().enumerate() {
                self.scatter(window, scratch.windows.col_as_slice(column), x, y, pixels);
            }
        }
    }

    /// Adds the part of a window that lies in the rectangle.
    fn scatter(
        &self,
        window: usize,
        values: &[f64],
        x: &Range<usize>,
        y: &Range<usize>,
        pixels: &mut [f64],
    ) {
        let [ox, oy] = self.windows.origin(window);
        let width = self.windows.y.window;
        let rows = ox.max(x.start)..(ox + self.windows.x.window).min(x.end);
        let columns = oy.max(y.start)..(oy + width).min(y.end);
        for row in rows {
            let from = &values[(row - ox) * width..][columns.start - oy..columns.end - oy];
            let to = &mut pixels[(row - x.start) * y.len()..][columns.start - y.start..];
            for (to, from) in to.iter_mut().zip(from) {
                *to += from;
            }
        }
    }
}
