//! The image that kept components make up, without its windows.
//!
//! With `v_c` the kept components, `t` the taper and `o` the origins of windows, cleaning is
//!
//! `clean(u) = sum_o t(u - o) sum_c v_c(u - o) (sum_q v_c(q) t(q) I(o + q)) / sum_o t(u - o)^2`
//!
//! Away from the edges that is one linear filter for every place within a step (`filter`), whatever the number of components. Near
//! them, and where few windows and components make it cheaper, it is computed as it stands, window by window (`direct`).

#[cfg(feature = "cuda")]
mod device;
mod direct;
mod filter;
mod taps;

use std::ops::Range;

use jobwise_core::{Backend, Cause, Cpu, CpuKernel, Device, Engine, Kernel, Signature, Workload};
use ndarray::{Array2, Axis};

use super::windows::Windows;
use direct::Direct;
use filter::Planes;
use taps::Taps;

pub(super) use direct::Scratch;

/// How pixels away from the edges are cleaned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By one filter: cost independent of the components.
    Filter,
    /// Window by window.
    Direct,
}

/// Cleans an image, in bands of whole rows: item `i` is band `i`, its pixels in C order, once for each set of kept components. Bands
/// depend on the windows alone, not on who computes them.
#[derive(Debug)]
pub struct Projection {
    image: Array2<f32>,
    windows: Windows,
    /// The image once more, if any set is kept by a filter.
    planes: Option<Planes>,
    sets: Vec<Set>,
    /// For every row, for every column: the sum of the squares of the tapers of the windows that contain it.
    coverage: [Vec<f64>; 2],
}

/// Components that are kept together.
#[derive(Debug)]
struct Set {
    direct: Direct,
    /// Of [`Way::Filter`].
    taps: Option<Taps>,
}

impl Projection {
    /// Keeps nothing yet of the windows of `image`.
    ///
    /// # Panics
    /// The image is not of the windows' size.
    pub fn new(image: Array2<f32>, windows: Windows) -> Projection {
        assert_eq!(
            image.dim(),
            (windows.x.image, windows.y.image),
            "the image has another size"
        );
        let squares = |length| windows.taper.function(length);
        Projection {
            coverage: [
                windows.x.coverage(&squares(windows.x.window)),
                windows.y.coverage(&squares(windows.y.window)),
            ],
            image,
            windows,
            planes: None,
            sets: Vec::new(),
        }
    }

    /// Keeps also the components in the rows of `kept`, `[components, pixels of a window]`: every item has their image after those of
    /// earlier sets.
    ///
    /// # Panics
    /// The components are not of the windows' size.
    #[must_use]
    pub fn and(mut self, kept: &Array2<f64>, way: Way) -> Projection {
        assert_eq!(
            kept.ncols(),
            self.windows.pixels(),
            "the components have another size"
        );
        let mut tapered = kept.clone();
        for (mut column, weight) in tapered.axis_iter_mut(Axis(1)).zip(self.windows.weights()) {
            column.mapv_inplace(|v| v * weight);
        }
        let filtered = way == Way::Filter;
        if filtered && self.planes.is_none() {
            self.planes = Some(Planes::new(&self.image, &self.windows));
        }
        self.sets.push(Set {
            direct: Direct::new(&tapered),
            taps: filtered.then(|| Taps::new(&self.windows, &tapered)),
        });
        self
    }

    /// The rows of a band; the last band may have fewer.
    pub fn height(&self) -> usize {
        // Windows across its edges are formed twice by direct cleaning, so it should not be low; nor high, as bands are shared out.
        (2 * self.windows.x.window).clamp(8, self.windows.x.image.max(8))
    }

    /// The image's rows in a band.
    pub fn rows(&self, band: usize) -> Range<usize> {
        let (height, rows) = (self.height(), self.windows.x.image);
        (band * height).min(rows)..((band + 1) * height).min(rows)
    }

    /// The image.
    pub fn image(&self) -> &Array2<f32> {
        &self.image
    }

    /// The windows.
    pub fn windows(&self) -> &Windows {
        &self.windows
    }

    /// The rows of a band that are away from the edges.
    fn inside(&self, band: &Range<usize>) -> Range<usize> {
        let inside = if self.windows.y.interior().is_empty() {
            0..0
        } else {
            self.windows.x.interior()
        };
        inside.start.clamp(band.start, band.end)..inside.end.clamp(band.start, band.end)
    }

    /// The pixels of a band that a set makes up. What is `filtered` already is taken from there: rows of the columns away from the
    /// edges.
    fn band(
        &self,
        set: &Set,
        band: &Range<usize>,
        scratch: &mut Scratch,
        filtered: Option<&[f64]>,
    ) -> Vec<f64> {
        let y = &self.windows.y;
        let mut pixels = vec![0.0; band.len() * y.image];
        let (inside, inside_y) = match set.taps {
            Some(_) => (self.inside(band), y.interior()),
            None => (band.start..band.start, 0..0),
        };
        let parts = [
            (band.start..inside.start, 0..y.image, None),
            (inside.clone(), 0..inside_y.start, None),
            (inside.clone(), inside_y.clone(), set.taps.as_ref()),
            (inside.clone(), inside_y.end..y.image, None),
            (inside.end..band.end, 0..y.image, None),
        ];
        for (rows, columns, taps) in parts {
            if rows.is_empty() || columns.is_empty() {
                continue;
            }
            let first = (rows.start - band.start) * y.image;
            let pixels = &mut pixels[first..][..rows.len() * y.image];
            match (taps, &self.planes, filtered) {
                (Some(_), _, Some(filtered)) => {
                    let lines = filtered.chunks_exact(columns.len());
                    for (pixels, line) in pixels.chunks_exact_mut(y.image).zip(lines) {
                        pixels[columns.clone()].copy_from_slice(line);
                    }
                }
                (Some(taps), Some(planes), None) => planes.apply(taps, &rows, &columns, pixels),
                _ => set.direct.add(
                    (&self.image, &self.windows),
                    (&rows, &columns),
                    scratch,
                    pixels,
                ),
            }
        }
        let coverage = self.coverage[0][band.clone()]
            .iter()
            .flat_map(|x| self.coverage[1].iter().map(move |y| x * y));
        for (pixel, coverage) in pixels.iter_mut().zip(coverage) {
            *pixel = if coverage > 0.0 {
                *pixel / coverage
            } else {
                0.0
            };
        }
        pixels
    }
}

/// The cheaper way to keep `kept` components.
pub fn cheapest(windows: &Windows, kept: usize) -> Way {
    let (x, y) = (&windows.x, &windows.y);
    let inside = x.interior().len() * y.interior().len();
    let taps = (2 * x.window - 1 + 3 * x.step) * (2 * y.window - 1);
    let filter = inside as f64 * taps as f64;
    // Scores and their sums, and forming windows; those that touch several tiles, several times.
    let per_window = windows.pixels() as f64 * (2 * kept + 12) as f64;
    let direct = 1.6 * inside as f64 / (x.step * y.step) as f64 * per_window;
    if filter < direct {
        Way::Filter
    } else {
        Way::Direct
    }
}

/// A device that has a kernel for [`Projection`].
pub trait FilterDevice: Device + Sized {
    /// The kernel.
    type Kernel: Workload + Kernel<Self, Output = Vec<Vec<f64>>>;

    /// The kernel for this projection.
    fn kernel(projection: Projection) -> Self::Kernel;
}

impl FilterDevice for Cpu {
    type Kernel = Projection;

    fn kernel(projection: Projection) -> Projection {
        projection
    }
}

#[cfg(feature = "cuda")]
impl FilterDevice for jobwise_cuda::Cuda {
    type Kernel = jobwise_cuda::OnCuda<Projection>;

    fn kernel(projection: Projection) -> Self::Kernel {
        jobwise_cuda::OnCuda(projection)
    }
}

/// `image` with only the components `kept` of its windows, the overlaps averaged: `[image x, image y]`. Pixels in no window are 0. Same
/// bits for any number of lanes and ranks. Collective.
///
/// # Errors
/// As [`Engine::collect`].
///
/// # Panics
/// As [`Projection::new`].
pub fn project<B: Backend<Device: FilterDevice>>(
    engine: &Engine<'_, B>,
    image: &Array2<f32>,
    windows: &Windows,
    kept: &Array2<f64>,
    way: Way,
) -> jobwise_core::Result<Array2<f64>> {
    let projection = Projection::new(image.clone(), windows.clone()).and(kept, way);
    let bands = engine.collect(&B::Device::kernel(projection))?;
    let pixels = bands.into_iter().flat_map(|(_, sets)| sets).flatten();
    Ok(Array2::from_shape_vec(image.dim(), pixels.collect()).expect("bands are all rows"))
}

impl Signature for Projection {
    type Item<'t>
        = ()
    where
        Self: 't;
    type Output = Vec<Vec<f64>>;
}

impl Workload for Projection {
    fn len(&self) -> usize {
        self.windows.x.image.div_ceil(self.height())
    }

    fn read(&self, _: usize) -> Result<(), Cause> {
        Ok(())
    }
}

impl CpuKernel for Projection {
    type Scratch = Scratch;

    fn scratch(&self) -> Result<Scratch, Cause> {
        let components = self.sets.iter().map(|set| set.direct.components());
        Ok(Scratch::new(&self.windows, components.max().unwrap_or(0)))
    }

    fn compute(&self, index: usize, (): (), scratch: &mut Scratch) -> Result<Vec<Vec<f64>>, Cause> {
        let band = self.rows(index);
        Ok(self
            .sets
            .iter()
            .map(|set| self.band(set, &band, scratch, None))
            .collect())
    }
}
