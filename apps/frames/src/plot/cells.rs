use std::collections::HashMap;
use std::ops::Range;

use ndarray::Array2;

use crate::sky::{Flat, Geometry, Grid, Healpix};

/// The most cells of a picture along a side.
const MOST: u64 = 600;

/// The part of the sky that a figure of a map shows: cells, west of a centre and above the equator
/// or the centre, in degrees.
#[derive(Debug)]
pub(super) struct Cells {
    pub(super) x: Range<f64>,
    pub(super) y: Range<f64>,
    pub(super) x_label: String,
    pub(super) y_label: String,
    layout: Layout,
}

#[derive(Debug)]
enum Layout {
    /// Of these pixels so many along a side fall into a cell.
    Flat {
        /// Pixels in a row of the map.
        width: u64,
        columns: Range<u64>,
        rows: Range<u64>,
        step: u64,
    },
    /// A cell shows the pixel at its middle.
    Healpix {
        healpix: Healpix,
        columns: usize,
        rows: usize,
        longitude: f64,
    },
}

impl Cells {
    /// Cells for a map with values in these pixels.
    pub(super) fn new(geometry: &Geometry, seen: &[u64]) -> Cells {
        match &geometry.grid {
            Grid::Flat(flat) => Cells::of_flat(flat, seen),
            Grid::Healpix(healpix) => Cells::of_healpix(healpix, seen),
        }
    }

    fn of_flat(flat: &Flat, seen: &[u64]) -> Cells {
        let columns = around(seen.iter().map(|pixel| pixel % flat.width), flat.width);
        let rows = around(seen.iter().map(|pixel| pixel / flat.width), flat.height);
        let most = (columns.end - columns.start).max(rows.end - rows.start);
        let step = most.div_ceil(MOST).max(1);
        let along = |pixels: &Range<u64>, center: f64, size: f64| {
            let count = (pixels.end - pixels.start).div_ceil(step) * step;
            let place = |pixel: u64| (pixel as f64 - 0.5 - center) * size.to_degrees();
            place(pixels.start)..place(pixels.start + count)
        };
        Cells {
            x: along(&columns, flat.x_center, flat.x_res),
            y: along(&rows, flat.y_center, flat.y_res),
            x_label: "west of the centre [deg]".to_owned(),
            y_label: "north of the centre [deg]".to_owned(),
            layout: Layout::Flat {
                width: flat.width,
                columns,
                rows,
                step,
            },
        }
    }

    fn of_healpix(healpix: &Healpix, seen: &[u64]) -> Cells {
        let angles: Vec<(f64, f64)> = seen.iter().map(|&pixel| healpix.angles(pixel)).collect();
        // The middle of what is seen, as a direction.
        let (sin, cos) = angles.iter().fold((0.0, 0.0), |sum, (alpha, delta)| {
            let weight = delta.cos();
            (sum.0 + weight * alpha.sin(), sum.1 + weight * alpha.cos())
        });
        let longitude = f64::atan2(sin, cos).to_degrees().rem_euclid(360.0);
        let size = (4.0 * std::f64::consts::PI / healpix.pixels() as f64)
            .sqrt()
            .to_degrees();
        let range = |values: &mut dyn Iterator<Item = f64>, most: f64| {
            let empty = (f64::INFINITY, f64::NEG_INFINITY);
            let ends = values.fold(empty, |ends, value| (ends.0.min(value), ends.1.max(value)));
            let around = |end: f64| end.clamp(-most, most);
            if ends.0 <= ends.1 {
                around(ends.0 - size)..around(ends.1 + size)
            } else {
                -most..most
            }
        };
        let west = |alpha: f64| (longitude - alpha.to_degrees() + 180.0).rem_euclid(360.0) - 180.0;
        let x = range(&mut angles.iter().map(|angles| west(angles.0)), 180.0);
        let y = range(&mut angles.iter().map(|angles| angles.1.to_degrees()), 90.0);
        let count = |range: &Range<f64>| {
            let count = (range.end - range.start) / size * 16.0;
            count.ceil().clamp(1.0, MOST as f64) as usize
        };
        Cells {
            layout: Layout::Healpix {
                healpix: *healpix,
                columns: count(&x),
                rows: count(&y),
                longitude,
            },
            x,
            y,
            x_label: format!("west of longitude {longitude:.1} [deg]"),
            y_label: "latitude [deg]".to_owned(),
        }
    }

    /// Height over width, as they are on the sky in the middle.
    pub(super) fn aspect(&self) -> f64 {
        let [width, height] = [&self.x, &self.y].map(|range| range.end - range.start);
        let shrunk = match self.layout {
            Layout::Flat { .. } => 1.0,
            Layout::Healpix { .. } => (0.5 * (self.y.start + self.y.end)).to_radians().cos(),
        };
        height / (width * shrunk.max(0.05))
    }

    /// The mean value in each cell; NaN where there is none.
    pub(super) fn fill(&self, values: &[(u64, f64)]) -> Array2<f64> {
        match &self.layout {
            Layout::Flat {
                width,
                columns,
                rows,
                step,
            } => {
                let cells = |pixels: &Range<u64>| (pixels.end - pixels.start).div_ceil(*step);
                let size = (cells(columns) as usize, cells(rows) as usize);
                let [mut sum, mut count] = [(); 2].map(|()| Array2::<f64>::zeros(size));
                for &(pixel, value) in values.iter().filter(|(_, value)| value.is_finite()) {
                    let (x, y) = (pixel % width, pixel / width);
                    if columns.contains(&x) && rows.contains(&y) {
                        let x = (x - columns.start) / step;
                        let y = (y - rows.start) / step;
                        sum[[x as usize, y as usize]] += value;
                        count[[x as usize, y as usize]] += 1.0;
                    }
                }
                sum / count
            }
            Layout::Healpix {
                healpix,
                columns,
                rows,
                longitude,
            } => {
                let values: HashMap<u64, f64> = values.iter().copied().collect();
                let middle = |range: &Range<f64>, at: usize, count: usize| {
                    range.start + (at as f64 + 0.5) / count as f64 * (range.end - range.start)
                };
                Array2::from_shape_fn((*columns, *rows), |(column, row)| {
                    let alpha = (longitude - middle(&self.x, column, *columns)).to_radians();
                    let delta = middle(&self.y, row, *rows).to_radians();
                    let direction = crate::object::Quat::direction(alpha, delta);
                    let pixel = healpix.pixel(direction) as u64;
                    values.get(&pixel).copied().unwrap_or(f64::NAN)
                })
            }
        }
    }
}

/// The part of `0..count` that holds these, and a tenth of it around; all where there are none.
fn around(seen: impl Iterator<Item = u64>, count: u64) -> Range<u64> {
    let ends = seen.fold(None, |ends: Option<(u64, u64)>, at| {
        Some(ends.map_or((at, at), |ends| (ends.0.min(at), ends.1.max(at))))
    });
    let Some((first, last)) = ends else {
        return 0..count;
    };
    let margin = (last - first) / 10 + 2;
    first.saturating_sub(margin)..(last + 1 + margin).min(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_a_flat_map_are_means_of_pixels() {
        let map: Geometry = "car:1500x900@1arcmin,10,0".parse().unwrap();
        let last = 1500 * 900 - 1;
        let cells = Cells::new(&map, &[0, last]);
        assert!((cells.x.start + 12.5).abs() < 1e-9 && (cells.x.end - 12.5).abs() < 1e-9);
        let filled = cells.fill(&[(0, 1.0), (1, 3.0), (1500, f64::NAN), (last, 7.0)]);
        assert_eq!(filled.dim(), (500, 300));
        assert!((filled[[0, 0]] - 2.0).abs() < 1e-12);
        assert!((filled[[499, 299]] - 7.0).abs() < 1e-12);
        assert!(filled[[1, 0]].is_nan());
        // Only what was seen, and a little around.
        let cells = Cells::new(&map, &[1500 * 100 + 200, 1500 * 120 + 400]);
        let filled = cells.fill(&[(1500 * 100 + 200, 5.0), (0, 1.0)]);
        assert_eq!(filled.dim(), (245, 29));
        assert!((filled[[22, 4]] - 5.0).abs() < 1e-12);
        let west = cells.x.start + 22.5 / 60.0;
        assert!((west - (200.0 - 749.5) / 60.0).abs() < 1e-9, "{west}");
    }

    #[test]
    fn cells_of_healpix_hold_what_is_seen() {
        let map: Geometry = "healpix:32".parse().unwrap();
        let Grid::Healpix(healpix) = map.grid else {
            panic!("{map}")
        };
        // On both sides of longitude 0.
        let at = |alpha: f64| healpix.pixel(crate::object::Quat::direction(alpha, 0.5)) as u64;
        let seen = [at(0.1), at(-0.1)];
        let cells = Cells::new(&map, &seen);
        assert!(cells.x.end - cells.x.start < 20.0, "{:?}", cells.x);
        let filled = cells.fill(&[(seen[0], 1.0), (seen[1], 2.0)]);
        // West is right.
        let mean = |value: f64| {
            let columns = filled
                .indexed_iter()
                .filter(|(_, found)| (*found - value).abs() < 0.1);
            let columns: Vec<usize> = columns.map(|((column, _), _)| column).collect();
            assert!(columns.len() > 10, "{value}: {}", columns.len());
            columns.iter().sum::<usize>() / columns.len()
        };
        assert!(mean(1.0) + 10 < mean(2.0));
    }
}
