//! The image that kept components make up, without its windows.
//!
//! With `v_c` the kept components, `t` the taper and `o` the origins of windows, cleaning is
//!
//! `clean(u) = sum_o t(u - o) sum_c v_c(u - o) (sum_q v_c(q) t(q) I(o + q)) / sum_o t(u - o)^2`
//!
//! Away from the edges that is one linear filter for every place within a step (`filter`), whatever the number of components. Near
//! them, and where few windows and components make it cheaper, it is computed as it stands, window by window (`direct`).

mod direct;
mod filter;
mod taps;

use std::ops::Range;

use jobwise_core::{Backend, Cause, Cpu, CpuKernel, Engine, Task};
use ndarray::{Array2, Axis};

use super::windows::Windows;
use direct::Direct;
use filter::Filter;

/// How pixels away from the edges are cleaned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By one filter: cost independent of the components.
    Filter,
    /// Window by window.
    Direct,
}

/// A rectangle of pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tile {
    x: Range<usize>,
    y: Range<usize>,
    way: Way,
}

/// Cleans an image: item `i` is one rectangle of its pixels, in C order. Rectangles do not depend on who computes them, and every
/// pixel is in one of them.
#[derive(Debug)]
pub struct Projection<'a> {
    direct: Direct<'a>,
    filter: Option<Filter>,
    tiles: Vec<Tile>,
    /// For every row, for every column: the sum of the squares of the tapers of the windows that contain it.
    coverage: [Vec<f64>; 2],
}

impl<'a> Projection<'a> {
    /// Keeps the components in the rows of `kept`, `[components, pixels of a window]`, of the windows of `image`.
    ///
    /// # Panics
    /// The image or the components are not of the windows' size.
    pub fn new(
        image: &'a Array2<f32>,
        windows: &'a Windows,
        kept: &Array2<f64>,
        way: Way,
    ) -> Projection<'a> {
        assert_eq!(
            image.dim(),
            (windows.x.image, windows.y.image),
            "the image has another size"
        );
        assert_eq!(
            kept.ncols(),
            windows.pixels(),
            "the components have another size"
        );
        let mut tapered = kept.clone();
        for (mut column, weight) in tapered.axis_iter_mut(Axis(1)).zip(windows.weights()) {
            column.mapv_inplace(|v| v * weight);
        }
        let squares = |length| windows.taper.function(length);
        let filter = (way == Way::Filter).then(|| Filter::new(image, windows, &tapered));
        Projection {
            tiles: tiles(windows, way),
            coverage: [
                windows.x.coverage(&squares(windows.x.window)),
                windows.y.coverage(&squares(windows.y.window)),
            ],
            direct: Direct::new(image, windows, &tapered),
            filter,
        }
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

/// `image` with only the components `kept` of its windows, the overlaps averaged: `[image x, image y]`. Pixels in no window are 0. Same
/// bits for any number of lanes and ranks. Collective.
///
/// # Errors
/// As [`Engine::collect`].
///
/// # Panics
/// As [`Projection::new`].
pub fn project<B: Backend<Device = Cpu>>(
    engine: &Engine<'_, B>,
    image: &Array2<f32>,
    windows: &Windows,
    kept: &Array2<f64>,
    way: Way,
) -> jobwise_core::Result<Array2<f64>> {
    let projection = Projection::new(image, windows, kept, way);
    let mut clean = Array2::zeros(image.dim());
    for (index, pixels) in engine.collect(&projection)? {
        let tile = &projection.tiles[index];
        for (x, row) in tile.x.clone().zip(pixels.chunks_exact(tile.y.len())) {
            for (y, pixel) in tile.y.clone().zip(row) {
                clean[[x, y]] = *pixel;
            }
        }
    }
    Ok(clean)
}

impl Task for Projection<'_> {
    type Item<'t>
        = ()
    where
        Self: 't;
    type Output = Vec<f64>;

    fn len(&self) -> usize {
        self.tiles.len()
    }

    fn read(&self, _: usize) -> Result<(), Cause> {
        Ok(())
    }
}

impl CpuKernel for Projection<'_> {
    type Scratch = direct::Scratch;

    fn scratch(&self) -> Result<direct::Scratch, Cause> {
        Ok(self.direct.scratch())
    }

    fn compute(
        &self,
        index: usize,
        (): (),
        scratch: &mut direct::Scratch,
    ) -> Result<Vec<f64>, Cause> {
        let tile = &self.tiles[index];
        let mut pixels = vec![0.0; tile.x.len() * tile.y.len()];
        match &self.filter {
            Some(filter) if tile.way == Way::Filter => filter.apply(&tile.x, &tile.y, &mut pixels),
            _ => self.direct.add(&tile.x, &tile.y, scratch, &mut pixels),
        }
        let coverage = self.coverage[0][tile.x.clone()]
            .iter()
            .flat_map(|x| self.coverage[1][tile.y.clone()].iter().map(move |y| x * y));
        for (pixel, coverage) in pixels.iter_mut().zip(coverage) {
            *pixel = if coverage > 0.0 {
                *pixel / coverage
            } else {
                0.0
            };
        }
        Ok(pixels)
    }
}

/// Cuts the image: bands of its interior for the filter, about four windows wide squares for the rest.
fn tiles(windows: &Windows, way: Way) -> Vec<Tile> {
    let (x, y) = (&windows.x, &windows.y);
    let (inside_x, inside_y) = match way {
        Way::Filter if !x.interior().is_empty() && !y.interior().is_empty() => {
            (x.interior(), y.interior())
        }
        _ => (0..0, 0..0),
    };
    let mut tiles: Vec<Tile> = cut(inside_x.clone(), 4 * filter::ROWS * x.step)
        .map(|rows| Tile {
            x: rows,
            y: inside_y.clone(),
            way: Way::Filter,
        })
        .collect();
    let frame = [
        (0..inside_x.start, 0..y.image),
        (inside_x.clone(), 0..inside_y.start),
        (inside_x.clone(), inside_y.end..y.image),
        (inside_x.end..x.image, 0..y.image),
    ];
    for (rows, columns) in frame {
        for rows in cut(rows, (4 * x.window).max(32)) {
            tiles.extend(
                cut(columns.clone(), (4 * y.window).max(32)).map(|columns| Tile {
                    x: rows.clone(),
                    y: columns,
                    way: Way::Direct,
                }),
            );
        }
    }
    tiles
}

/// A range in parts of `length`.
fn cut(range: Range<usize>, length: usize) -> impl Iterator<Item = Range<usize>> {
    let end = range.end;
    range
        .step_by(length)
        .map(move |start| start..(start + length).min(end))
}
