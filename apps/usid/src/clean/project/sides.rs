//! Cleaning near the edges of an image, where windows are one pixel apart.

use std::ops::Range;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use ndarray::ArrayView2;

use super::projector::Projector;
use crate::clean::windows::Windows;

/// Filters for the lines along each edge, away from the corners.
///
/// Line `i` from an edge, `i < w - 1`, is in windows of which it is line `0..=i` (behind the edge
/// of lower index) only. So its filter sums entries of the projector over these lines of windows,
/// and over all their columns: with `d` the shift along the edge, `filter[d][j][i]` is what pixels
/// of line `j` from the edge count for those of line `i`.
#[derive(Debug)]
pub(super) struct Sides {
    /// Of rows above and below, and of columns to the left and to the right: for every `d`.
    filters: [Vec<Mat<f64>>; 4],
    window: [usize; 2],
}

/// An edge.
#[derive(Clone, Copy, Debug)]
pub(super) enum Side {
    Top,
    Bottom,
    Left,
    Right,
}

const SIDES: [Side; 4] = [Side::Top, Side::Bottom, Side::Left, Side::Right];

impl Sides {
    pub(super) fn new(windows: &Windows, projector: &Projector) -> Sides {
        let window = [windows.x.window, windows.y.window];
        Sides {
            filters: SIDES.map(|side| filters(projector, window, side)),
            window,
        }
    }

    /// Rows above and below that a pixel depends on.
    pub(super) fn reach(&self) -> usize {
        self.window[0] - 1
    }

    /// Cleans the pixels of a rectangle that lies along one edge, as wide as this side is, and away
    /// from the others; the result is not yet divided by the coverage. `pixels` are the whole rows.
    pub(super) fn apply(
        &self,
        side: Side,
        image: ArrayView2<'_, f32>,
        (x, y): (&Range<usize>, &Range<usize>),
        pixels: &mut [f64],
    ) {
        let [wx, wy] = self.window;
        let (rows, columns) = image.dim();
        // Across the edge and along it.
        let (lines, along, reach) = match side {
            Side::Top | Side::Bottom => (wx - 1, y, wy - 1),
            Side::Left | Side::Right => (wy - 1, x, wx - 1),
        };
        let places = along.start - reach..along.end + reach;
        let pixel = |line: usize, at: usize| match side {
            Side::Top => image[[line, at]],
            Side::Bottom => image[[rows - 1 - line, at]],
            Side::Left => image[[at, line]],
            Side::Right => image[[at, columns - 1 - line]],
        };
        let near: Vec<f64> = places
            .clone()
            .flat_map(|at| (0..2 * lines).map(move |line| (line, at)))
            .map(|(line, at)| f64::from(pixel(line, at)))
            .collect();
        let near = MatRef::from_row_major_slice(&near, places.len(), 2 * lines);
        let mut cleaned = vec![0.0; along.len() * lines];
        let mut sums = MatMut::from_row_major_slice_mut(&mut cleaned, along.len(), lines);
        for (d, filter) in self.filters[side as usize].iter().enumerate() {
            matmul(
                sums.as_mut(),
                Accum::Add,
                near.subrows(d, along.len()),
                filter.as_ref(),
                1.0,
                Par::Seq,
            );
        }
        for (at, values) in along.clone().zip(cleaned.chunks_exact(lines)) {
            for (line, value) in values.iter().enumerate() {
                let (row, column) = match side {
                    Side::Top => (line, at),
                    Side::Bottom => (rows - 1 - line, at),
                    Side::Left => (at, line),
                    Side::Right => (at, columns - 1 - line),
                };
                if x.contains(&row) {
                    pixels[(row - x.start) * columns + column] = *value;
                }
            }
        }
    }
}

/// For every shift along the edge `[2 lines, lines]`.
fn filters(projector: &Projector, window: [usize; 2], side: Side) -> Vec<Mat<f64>> {
    let [across, along] = match side {
        Side::Top | Side::Bottom => window,
        Side::Left | Side::Right => [window[1], window[0]],
    };
    // Lines of a window from the edge on.
    let line = |at: usize| match side {
        Side::Top | Side::Left => at,
        Side::Bottom | Side::Right => across - 1 - at,
    };
    let entry = |from: [usize; 2], to: [usize; 2]| match side {
        Side::Top | Side::Bottom => projector.entry([line(from[0]), from[1]], [line(to[0]), to[1]]),
        Side::Left | Side::Right => projector.entry([from[1], line(from[0])], [to[1], line(to[0])]),
    };
    let shifts = 1 - along as isize..along as isize;
    let filter = |d: isize| {
        let first = (-d).max(0) as usize;
        // Sums over all places along the edge, by the lines of the two pixels.
        let pairs = first..first + along - d.unsigned_abs();
        let sums = Mat::<f64>::from_fn(across, across, |a, b| {
            let pair = |at: usize| entry([a, at], [b, at.wrapping_add_signed(d)]);
            pairs.clone().map(pair).sum()
        });
        Mat::from_fn(2 * (across - 1), across - 1, |j, i| {
            // The window's first line is line i - a of the image.
            let windows = (0..=i).filter(|a| (i - a..i - a + across).contains(&j));
            windows.map(|a| sums[(a, j + a - i)]).sum()
        })
    };
    shifts.map(filter).collect()
}
