//! Cleaning of windows that are one pixel apart, by Fourier transforms along the rows.
//!
//! Away from the edges cleaning is one linear filter, whose taps for each shift `d_x` are applied
//! to a row as a product of spectra (this file). Near an edge fewer windows contain a pixel, so
//! that every line has a filter of its own (`sides`).

use std::ops::Range;

use ndarray::{Array2, ArrayView2};

use super::projector::Projector;
use super::sides::Sides;
use crate::clean::rows::{Buffers, RowTransforms, Spectra, Term};
use crate::clean::windows::Windows;

/// Filters for one set of components.
#[derive(Debug)]
pub(super) struct Transforms {
    rows: RowTransforms,
    /// For every shift along x, from `-(w_x - 1)` on, the spectrum of the taps along y.
    taps: Spectra,
    sides: Sides,
}

/// One lane's buffers.
#[derive(Debug)]
pub(super) struct Scratch {
    buffers: Buffers,
    /// Of the rows that a band's pixels depend on.
    spectra: Spectra,
    sums: Spectra,
}

impl Scratch {
    /// For bands of at most so many rows.
    pub(super) fn new(windows: &Windows, height: usize) -> Scratch {
        let rows = of(windows);
        Scratch {
            buffers: rows.buffers(),
            spectra: rows.spectra(height + 2 * (windows.x.window - 1)),
            sums: rows.spectra(height),
        }
    }
}

/// Pixels near the end of a row get what lies beyond its other end, but these are not used.
fn of(windows: &Windows) -> RowTransforms {
    RowTransforms::at_least(windows.y.image)
}

impl Transforms {
    /// For the tapered components in the rows of `kept`.
    pub(super) fn new(windows: &Windows, kept: &Array2<f64>) -> Transforms {
        let projector = Projector::new(windows, kept);
        let rows = of(windows);
        let (wx, wy) = (windows.x.window as isize, windows.y.window as isize);
        let mut taps = rows.spectra(2 * windows.x.window - 1);
        let mut buffers = rows.buffers();
        let length = rows.length() as isize;
        for (number, dx) in (1 - wx..wx).enumerate() {
            let values = (1 - wy..wy).map(|dy| {
                let at = dy.rem_euclid(length) as usize;
                (at, projector.tap(dx, dy))
            });
            rows.forward_of(values, &mut buffers, &mut taps, number);
        }
        Transforms {
            rows,
            taps,
            sides: Sides::new(windows, &projector),
        }
    }

    /// Cleans the columns `y` of the rows `x`, away from the edges; the result is not yet divided
    /// by the coverage. `pixels` are the whole rows.
    pub(super) fn apply(
        &self,
        image: ArrayView2<'_, f32>,
        (x, y): (&Range<usize>, &Range<usize>),
        scratch: &mut Scratch,
        pixels: &mut [f64],
    ) {
        let Scratch {
            buffers,
            spectra,
            sums,
        } = scratch;
        let reach = self.reach();
        let above = x.start - reach;
        for (number, row) in (above..x.end + reach).enumerate() {
            self.rows
                .forward(image.row(row).iter().copied(), buffers, spectra, number);
        }
        let terms = (0..x.len()).flat_map(|row| {
            let term = move |tap| Term {
                sum: row,
                conjugate: tap,
                factor: row + tap,
            };
            (0..=2 * reach).map(term)
        });
        sums.clear();
        sums.add_products(&self.taps, spectra, &terms.collect::<Vec<_>>());
        let lines = pixels.chunks_exact_mut(image.ncols());
        for (row, line) in lines.take(x.len()).enumerate() {
            let cleaned = self.rows.inverse(sums, row, buffers);
            line[y.clone()].copy_from_slice(&cleaned[y.clone()]);
        }
    }

    /// Rows above and below that a pixel depends on.
    fn reach(&self) -> usize {
        self.sides.reach()
    }

    /// The filters near the edges.
    pub(super) fn sides(&self) -> &Sides {
        &self.sides
    }
}

/// Multiply-adds, about, of the pixels away from the edges, and near them.
pub(super) fn cost(windows: &Windows) -> f64 {
    let (x, y) = (&windows.x, &windows.y);
    let inside = (x.image * y.image) as f64;
    let edges = 2 * (x.image + y.image) * (x.window + y.window) / 2;
    inside * (4 * x.window + 100) as f64 + (edges * 4 * x.window * y.window) as f64
}
