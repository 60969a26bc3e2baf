//! The Gram matrix of windows that are one pixel apart, by Fourier transforms along the rows.
//!
//! With `d` the shift from pixel `p` of a window to pixel `p + d`, an entry is the image's
//! autocorrelation less what lies outside the windows' origins,
//!
//! `G[p, p + d] = F(d) - sum of I(u) I(u + d) over u with u - p not an origin`,
//! `F(d) = sum_u I(u) I(u + d)`
//!
//! `F` comes from products of the spectra of rows (this file), what is taken from it from few rows
//! and columns along the edges (`edges`).

use std::ops::Range;

use jobwise_core::{Backend, Cause, Cpu, CpuKernel, Engine, Signature, Workload};
use ndarray::{Array2, ArrayView2};

use super::edges::Edges;
use super::total::Total;
use crate::clean::rows::{Buffers, RowTransforms, Spectra, Term};
use crate::clean::windows::Windows;

/// The autocorrelation of an image, as spectra along y for every shift `d_x` of `0..w_x`: item `i`
/// is a strip of rows, with those below that it is multiplied with.
#[derive(Debug)]
pub(super) struct Autocorrelation<'a> {
    image: ArrayView2<'a, f32>,
    windows: &'a Windows,
    transforms: RowTransforms,
}

/// Rows of a strip.
const STRIP: usize = 96;

impl<'a> Autocorrelation<'a> {
    pub(super) fn new(image: ArrayView2<'a, f32>, windows: &'a Windows) -> Self {
        // No product of a pixel with one at the other end of the row is among the shifts.
        let length = windows.y.image + windows.y.window - 1;
        Autocorrelation {
            image,
            windows,
            transforms: RowTransforms::at_least(length),
        }
    }

    /// The correlation at shifts `d_x` of `0..w_x`, each with all shifts along y modulo the length.
    fn values(&self, spectra: &Spectra) -> Array2<f64> {
        let length = self.transforms.length();
        let mut buffers = self.transforms.buffers();
        let mut found = Array2::zeros((self.windows.x.window, length));
        for (dx, mut row) in found.rows_mut().into_iter().enumerate() {
            let values = self.transforms.inverse(spectra, dx, &mut buffers);
            row.iter_mut()
                .zip(values)
                .for_each(|(to, from)| *to = *from);
        }
        found
    }
}

/// Multiply-adds of vectors, about.
pub(super) fn cost(windows: &Windows) -> f64 {
    let (x, y) = (&windows.x, &windows.y);
    let pixels = (x.image * y.image) as f64;
    // Half as many frequencies as pixels; four for each complex product, and the transforms.
    let products = pixels * (2 * x.window + 60) as f64;
    let edges = (x.window + y.window) * x.window * y.window;
    let assembled = 6 * windows.pixels() * windows.pixels();
    products + (2 * edges * (x.image + y.image) + assembled) as f64
}

impl Signature for Autocorrelation<'_> {
    type Item<'t>
        = ()
    where
        Self: 't;
    type Output = Vec<f64>;
}

impl Workload for Autocorrelation<'_> {
    fn len(&self) -> usize {
        self.windows.x.image.div_ceil(STRIP)
    }

    fn read(&self, _: usize) -> Result<(), Cause> {
        Ok(())
    }
}

impl CpuKernel for Autocorrelation<'_> {
    type Scratch = (Buffers, Spectra);

    fn scratch(&self) -> Result<Self::Scratch, Cause> {
        let rows = STRIP + self.windows.x.window - 1;
        Ok((self.transforms.buffers(), self.transforms.spectra(rows)))
    }

    fn compute(
        &self,
        index: usize,
        (): (),
        (buffers, spectra): &mut Self::Scratch,
    ) -> Result<Vec<f64>, Cause> {
        let (image, window) = (self.windows.x.image, self.windows.x.window);
        let strip = index * STRIP..image.min((index + 1) * STRIP);
        let below = image.min(strip.end + window - 1);
        for (number, row) in (strip.start..below).enumerate() {
            self.transforms.forward(
                self.image.row(row).iter().copied(),
                buffers,
                spectra,
                number,
            );
        }
        let mut sums = self.transforms.spectra(window);
        let terms = strip.clone().flat_map(|row| {
            let shifts = 0..window.min(image - row);
            shifts.map(move |dx| (row, dx))
        });
        let terms = terms.map(|(row, dx)| Term {
            sum: dx,
            conjugate: row - strip.start,
            factor: row - strip.start + dx,
        });
        sums.add_products(spectra, spectra, &terms.collect::<Vec<_>>());
        Ok(sums.into_values())
    }
}

pub(super) fn gram<B: Backend<Device = Cpu>>(
    engine: &Engine<'_, B>,
    image: ArrayView2<'_, f32>,
    windows: &Windows,
) -> jobwise_core::Result<Array2<f64>> {
    let correlation = Autocorrelation::new(image, windows);
    let spectra = engine.reduce(&correlation, &Total)?;
    let spectra = Spectra::from_values(&spectra, &correlation.transforms);
    let values = correlation.values(&spectra);
    let edges = Edges::new(engine, image, windows)?;
    let outside = engine.collect(&Outside(&edges))?;
    let (wx, wy) = (windows.x.window, windows.y.window);
    let length = values.ncols() as isize;
    let mut gram = Array2::zeros((wx * wy, wx * wy));
    for (dx, outside) in outside {
        let mut rest = outside.as_slice();
        for dy in shifts(dx, wy) {
            let whole = values[[dx, dy.rem_euclid(length) as usize]];
            let (start, count) = ((-dy).max(0) as usize, wy - dy.unsigned_abs());
            let (sums, more) = rest.split_at((wx - dx) * count);
            rest = more;
            for (px, row) in sums.chunks_exact(count).enumerate() {
                for (py, outside) in (start..).zip(row) {
                    let p = px * wy + py;
                    let q = (px + dx) * wy + py.wrapping_add_signed(dy);
                    gram[[p, q]] = whole - outside;
                    gram[[q, p]] = whole - outside;
                }
            }
        }
    }
    Ok(gram)
}

/// The shifts along y at a shift along x: the matrix is symmetric.
fn shifts(dx: usize, window: usize) -> Range<isize> {
    let first = if dx == 0 { 0 } else { 1 - window as isize };
    first..window as isize
}

/// What is left out at the edges: an item for each shift along x, for every shift along y what
/// [`Edges::outside`] says.
struct Outside<'a>(&'a Edges<'a>);

impl Signature for Outside<'_> {
    type Item<'t>
        = ()
    where
        Self: 't;
    type Output = Vec<f64>;
}

impl Workload for Outside<'_> {
    fn len(&self) -> usize {
        self.0.windows().x.window
    }

    fn read(&self, _: usize) -> Result<(), Cause> {
        Ok(())
    }
}

impl CpuKernel for Outside<'_> {
    type Scratch = Vec<f64>;

    fn scratch(&self) -> Result<Vec<f64>, Cause> {
        Ok(Vec::new())
    }

    fn compute(&self, dx: usize, (): (), sums: &mut Vec<f64>) -> Result<Vec<f64>, Cause> {
        let mut all = Vec::new();
        for dy in shifts(dx, self.0.windows().y.window) {
            self.0.outside(dx, dy, sums);
            all.extend_from_slice(sums);
        }
        Ok(all)
    }
}
