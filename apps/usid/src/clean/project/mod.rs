//! The image that kept components make up, without its windows.
//!
//! With `v_c` the kept components, `t` the taper and `o` the origins of windows, cleaning is
//!
//! `clean(u) = sum_o t(u - o) sum_c v_c(u - o) (sum_q v_c(q) t(q) I(o + q)) / sum_o t(u - o)^2`
//!
//! Away from the edges that is one linear filter for every place within a step (`filter`), whatever
//! the number of components; where windows are one pixel apart, it is applied by Fourier transforms
//! (`transforms`), and near the edges there are filters too (`sides`). Elsewhere, and where few
//! windows and components make it cheaper, it is computed as it stands, window by window
//! (`direct`).

#[cfg(feature = "cuda")]
mod device;
mod direct;
mod filter;
mod projector;
mod sides;
mod taps;
mod transforms;

use std::ops::Range;

use jobwise_core::{Backend, Cause, Cpu, CpuKernel, Device, Engine, Signature, Workload};
use ndarray::{Array2, ArrayView2};

use super::Axis;
use super::windows::Windows;
use direct::Direct;
use filter::Planes;
use sides::Side;
use taps::Taps;
use transforms::Transforms;

/// How pixels away from the edges are cleaned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By one filter: cost independent of the components.
    Filter,
    /// Window by window.
    Direct,
    /// By Fourier transforms of the rows, where windows are one pixel apart.
    Transforms,
}

/// One lane's buffers.
#[derive(Debug)]
pub struct Scratch {
    direct: direct::Scratch,
    /// Of [`Way::Transforms`].
    transforms: Option<transforms::Scratch>,
    /// Of [`Way::Filter`]: what a band is filtered from, once for all sets.
    planes: Option<Planes>,
}

/// Cleans an image, in bands of whole rows: item `i` is band `i`, its pixels in C order, once for
/// each set of kept components. Bands depend on the windows alone, not on who computes them.
#[derive(Debug)]
pub struct Projection<'i> {
    image: ArrayView2<'i, f32>,
    windows: Windows,
    sets: Vec<Set>,
    /// What a device filtered: by band, by set, rows of the columns away from the edges. None of
    /// other sets.
    filtered: Vec<Vec<Vec<f64>>>,
    /// For every row, for every column: the sum of the squares of the tapers of the windows that
    /// contain it.
    coverage: [Vec<f64>; 2],
}

/// Components that are kept together.
#[derive(Debug)]
struct Set {
    direct: Direct,
    /// Away from the edges.
    inside: Inside,
}

impl Set {
    /// Its filter, if it is kept by one.
    fn taps(&self) -> Option<&Taps> {
        match &self.inside {
            Inside::Filter(taps) => Some(taps),
            _ => None,
        }
    }
}

/// How pixels away from the edges are cleaned, and with what.
#[derive(Debug)]
enum Inside {
    Filter(Taps),
    Direct,
    Transforms(Box<Transforms>),
}

impl<'i> Projection<'i> {
    /// Keeps nothing yet of the windows of `image`.
    ///
    /// # Panics
    /// The image is not of the windows' size.
    pub fn new(image: ArrayView2<'i, f32>, windows: Windows) -> Self {
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
            sets: Vec::new(),
            filtered: Vec::new(),
        }
    }

    /// Keeps also the components in the rows of `kept`, `[components, pixels of a window]`: every
    /// item has their image after those of earlier sets.
    ///
    /// # Panics
    /// The components are not of the windows' size; or [`Way::Transforms`] is asked for of windows
    /// that are more than one pixel apart.
    #[must_use]
    pub fn and(mut self, kept: &Array2<f64>, way: Way) -> Self {
        assert_eq!(
            kept.ncols(),
            self.windows.pixels(),
            "the components have another size"
        );
        let mut tapered = kept.clone();
        for (mut column, weight) in tapered
            .axis_iter_mut(ndarray::Axis(1))
            .zip(self.windows.weights())
        {
            column.mapv_inplace(|v| v * weight);
        }
        let inside = match way {
            Way::Filter => Inside::Filter(Taps::new(&self.windows, &tapered)),
            Way::Direct => Inside::Direct,
            Way::Transforms => {
                assert!(
                    self.windows.are_adjacent(),
                    "windows more than a pixel apart"
                );
                Inside::Transforms(Box::new(Transforms::new(&self.windows, &tapered)))
            }
        };
        self.sets.push(Set {
            direct: Direct::new(&tapered),
            inside,
        });
        self
    }

    /// The rows of a band; the last band may have fewer.
    pub fn height(&self) -> usize {
        // Windows across its edges are formed twice by direct cleaning, so it should not be low;
        // nor high, as bands are shared out.
        (2 * self.windows.x.window).clamp(8, self.windows.x.image.max(8))
    }

    /// The image's rows in a band.
    pub fn rows(&self, band: usize) -> Range<usize> {
        let (height, rows) = (self.height(), self.windows.x.image);
        (band * height).min(rows)..((band + 1) * height).min(rows)
    }

    /// The image.
    pub fn image(&self) -> ArrayView2<'i, f32> {
        self.image
    }

    /// The windows.
    pub fn windows(&self) -> &Windows {
        &self.windows
    }

    /// How many sets are kept by a filter that has something to do.
    pub(super) fn filters(&self) -> usize {
        let inside = [&self.windows.x, &self.windows.y].map(Axis::interior);
        let sets = self.sets.iter().filter(|set| set.taps().is_some());
        if inside.iter().any(Range::is_empty) {
            0
        } else {
            sets.count()
        }
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

    /// The pixels of a band that set `number` makes up.
    fn band(&self, number: usize, index: usize, scratch: &mut Scratch) -> Vec<f64> {
        let (set, band) = (&self.sets[number], &self.rows(index));
        let filtered = self.filtered.get(index).map(|sets| sets[number].as_slice());
        let filtered = filtered.filter(|pixels| !pixels.is_empty());
        let y = &self.windows.y;
        let mut pixels = vec![0.0; band.len() * y.image];
        let none = band.start..band.start;
        let (inside, inside_y) = match set.inside {
            Inside::Direct => (none, 0..0),
            _ if self.windows.x.interior().is_empty() || y.interior().is_empty() => (none, 0..0),
            _ => (self.inside(band), y.interior()),
        };
        let heights = [
            (band.start..inside.start, Some(Side::Top)),
            (inside.clone(), None),
            (inside.end..band.end, Some(Side::Bottom)),
        ];
        let widths = [
            (0..inside_y.start, Some(Side::Left)),
            (inside_y.clone(), None),
            (inside_y.end..y.image, Some(Side::Right)),
        ];
        for (rows, vertical) in heights {
            let first = (rows.start - band.start) * y.image;
            let pixels = &mut pixels[first..][..rows.len() * y.image];
            for (columns, horizontal) in &widths {
                if rows.is_empty() || columns.is_empty() {
                    continue;
                }
                if let (Some(filtered), None, None) = (filtered, vertical, horizontal) {
                    let lines = filtered.chunks_exact(columns.len());
                    for (pixels, line) in pixels.chunks_exact_mut(y.image).zip(lines) {
                        pixels[columns.clone()].copy_from_slice(line);
                    }
                } else {
                    let edges = [vertical, *horizontal];
                    self.rectangle(set, (&rows, columns), edges, scratch, pixels);
                }
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

    /// Cleans a rectangle along these edges, or away from all.
    fn rectangle(
        &self,
        set: &Set,
        (x, y): (&Range<usize>, &Range<usize>),
        edges: [Option<Side>; 2],
        scratch: &mut Scratch,
        pixels: &mut [f64],
    ) {
        match (&set.inside, edges, &mut scratch.transforms) {
            (Inside::Filter(taps), [None, None], _) => {
                let rows = Planes::rows(&self.windows, x);
                let planes = match scratch.planes.take() {
                    Some(planes) if planes.hold(&rows) => planes,
                    _ => Planes::new(self.image, &self.windows, rows),
                };
                planes.apply(taps, x, y, pixels);
                scratch.planes = Some(planes);
            }
            (Inside::Transforms(transforms), [None, None], Some(scratch)) => {
                transforms.apply(self.image, (x, y), scratch, pixels);
            }
            (Inside::Transforms(transforms), [Some(side), None] | [None, Some(side)], _) => {
                transforms.sides().apply(side, self.image, (x, y), pixels);
            }
            _ => set.direct.add(
                (self.image, &self.windows),
                (x, y),
                &mut scratch.direct,
                pixels,
            ),
        }
    }
}

/// The cheapest way to keep `kept` components.
pub fn cheapest(windows: &Windows, kept: usize) -> Way {
    let (x, y) = (&windows.x, &windows.y);
    let inside = x.interior().len() * y.interior().len();
    let taps = (2 * x.window - 1 + 3 * x.step) * (2 * y.window - 1);
    let filter = inside as f64 * taps as f64;
    // Scores and their sums, and forming windows; those that touch several tiles, several times.
    let per_window = windows.pixels() as f64 * (2 * kept + 12) as f64;
    let direct = 1.6 * inside as f64 / (x.step * y.step) as f64 * per_window;
    // Filters leave the edges to be done window by window.
    let edges = (x.image * y.image - inside) as f64;
    let windows_there = edges / (x.step * y.step) as f64 * per_window;
    let mut costs = vec![
        (Way::Filter, filter + windows_there),
        (Way::Direct, direct + windows_there),
    ];
    if windows.are_adjacent() {
        costs.push((Way::Transforms, transforms::cost(windows)));
    }
    let cheapest = costs
        .into_iter()
        .min_by(|one, other| one.1.total_cmp(&other.1));
    cheapest.map_or(Way::Direct, |(way, _)| way)
}

/// A device that may filter images.
pub trait FilterDevice: Device + Sized {
    /// Filters what bands need away from the edges, for all sets that are kept by a filter, and
    /// says whether it did: the host does so itself when it computes a band. Devices give the bits
    /// of processors that fuse products and sums. Collective.
    ///
    /// # Errors
    /// As [`Engine::collect`].
    fn filter<B: Backend<Device = Self>>(
        engine: &Engine<'_, B>,
        projection: &mut Projection<'_>,
    ) -> jobwise_core::Result<bool>;
}

impl FilterDevice for Cpu {
    fn filter<B: Backend<Device = Self>>(
        _: &Engine<'_, B>,
        _: &mut Projection<'_>,
    ) -> jobwise_core::Result<bool> {
        Ok(false)
    }
}

#[cfg(feature = "cuda")]
impl FilterDevice for jobwise_cuda::Cuda {
    fn filter<B: Backend<Device = Self>>(
        engine: &Engine<'_, B>,
        projection: &mut Projection<'_>,
    ) -> jobwise_core::Result<bool> {
        if projection.filters() == 0 {
            return Ok(false);
        }
        let bands = engine.collect(&jobwise_cuda::OnCuda(device::Insides(projection)))?;
        projection.filtered = bands.into_iter().map(|(_, sets)| sets).collect();
        Ok(true)
    }
}

/// `image` with only the components `kept` of its windows, the overlaps averaged:
/// `[image x, image y]`. Pixels in no window are 0. Same bits for any number of lanes and ranks.
/// Collective.
///
/// # Errors
/// As [`Engine::collect`].
///
/// # Panics
/// As [`Projection::new`].
pub fn project<B: Backend<Device = Cpu>>(
    engine: &Engine<'_, B>,
    image: ArrayView2<'_, f32>,
    windows: &Windows,
    kept: &Array2<f64>,
    way: Way,
) -> jobwise_core::Result<Array2<f64>> {
    let projection = Projection::new(image, windows.clone()).and(kept, way);
    let bands = engine.collect(&projection)?;
    let pixels = bands.into_iter().flat_map(|(_, sets)| sets).flatten();
    Ok(Array2::from_shape_vec(image.dim(), pixels.collect()).expect("bands are all rows"))
}

impl Signature for Projection<'_> {
    type Item<'t>
        = ()
    where
        Self: 't;
    type Output = Vec<Vec<f64>>;
}

impl Workload for Projection<'_> {
    fn len(&self) -> usize {
        self.windows.x.image.div_ceil(self.height())
    }

    fn read(&self, _: usize) -> Result<(), Cause> {
        Ok(())
    }
}

impl CpuKernel for Projection<'_> {
    type Scratch = Scratch;

    fn scratch(&self) -> Result<Scratch, Cause> {
        let components = self.sets.iter().map(|set| set.direct.components());
        let most = components.max().unwrap_or(0);
        let transforms = |set: &Set| matches!(set.inside, Inside::Transforms(_));
        let transforms = self.sets.iter().any(transforms);
        Ok(Scratch {
            direct: direct::Scratch::new(&self.windows, most),
            transforms: transforms.then(|| transforms::Scratch::new(&self.windows, self.height())),
            planes: None,
        })
    }

    fn compute(&self, index: usize, (): (), scratch: &mut Scratch) -> Result<Vec<Vec<f64>>, Cause> {
        let sets = 0..self.sets.len();
        Ok(sets.map(|set| self.band(set, index, scratch)).collect())
    }
}
