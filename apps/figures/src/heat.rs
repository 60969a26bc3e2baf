use std::fmt::Write as _;
use std::ops::Range;

use ndarray::Array2;

use super::axis::finite_range;
use super::colour::{ColourMap, STEPS, step};

/// Cells of equal size in colours, with a colour bar.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    pub(super) cells: Array2<f64>,
    pub(super) x: Range<f64>,
    pub(super) y: Range<f64>,
    pub(super) label: String,
    pub(super) colours: ColourMap,
    pub(super) limits: Range<f64>,
    opacity: Option<Array2<f64>>,
}

impl HeatMap {
    /// Cells of shape (columns along x, rows along y) that fill the ranges `x` and `y` of the axes;
    /// the label of the colour bar says the unit. The colours span the finite values; cells that
    /// are NaN are grey.
    pub fn new(label: &str, cells: Array2<f64>, x: Range<f64>, y: Range<f64>) -> HeatMap {
        HeatMap {
            limits: finite_range(cells.iter().copied()).unwrap_or(0.0..1.0),
            cells,
            x,
            y,
            label: label.to_owned(),
            colours: ColourMap::default(),
            opacity: None,
        }
    }

    /// Lets cells fade into white: 1 is their colour, 0 is white. Cells that are NaN are white.
    ///
    /// # Panics
    /// When there is not one number per cell.
    #[must_use]
    pub fn faded(mut self, opacity: Array2<f64>) -> HeatMap {
        assert_eq!(opacity.dim(), self.cells.dim(), "an opacity for each cell");
        self.opacity = Some(opacity);
        self
    }

    /// Lets the colours span this range. Values beyond have the colour of the limit.
    #[must_use]
    pub fn limits(mut self, limits: Range<f64>) -> HeatMap {
        self.limits = limits;
        self
    }

    /// Uses another colour map than viridis.
    #[must_use]
    pub fn colours(mut self, colours: ColourMap) -> HeatMap {
        self.colours = colours;
        self
    }

    /// Lets the colours span the values between two quantiles (0 the smallest, 1 the largest), so
    /// that a few extreme cells do not take all colours. Values beyond have the colour of the
    /// limit.
    ///
    /// # Panics
    /// When a quantile lies outside 0 to 1.
    #[must_use]
    pub fn between_quantiles(mut self, low: f64, high: f64) -> HeatMap {
        let mut values: Vec<f64> = self
            .cells
            .iter()
            .copied()
            .filter(|v| v.is_finite())
            .collect();
        values.sort_by(f64::total_cmp);
        if let Some(last) = values.len().checked_sub(1) {
            let at = |quantile: f64| values[(quantile * last as f64).round() as usize];
            self.limits = at(low)..at(high);
        }
        self
    }

    /// The colour of every cell as a step of the palette, row by row from the top of the picture:
    /// the last row of cells, or the first where the axis counts downwards.
    pub(super) fn steps(&self, is_down: bool) -> Vec<u8> {
        let Range { start, end } = self.limits;
        self.cells_downwards(is_down)
            .map(|cell| step(self.cells[cell], start, end))
            .collect()
    }

    /// As [`steps`](Self::steps), as red, green and blue, where cells fade.
    pub(super) fn faded_colours(&self, is_down: bool) -> Option<Vec<u8>> {
        let opacity = self.opacity.as_ref()?;
        let palette = self.colours.palette();
        let cells = self.cells_downwards(is_down).zip(self.steps(is_down));
        let colours = cells.flat_map(|(cell, step)| {
            let is_missing = usize::from(step) == STEPS || opacity[cell].is_nan();
            let part = if is_missing {
                0.0
            } else {
                opacity[cell].clamp(0.0, 1.0)
            };
            let colour = &palette[3 * usize::from(step)..][..3];
            let faded = |c: &u8| (255.0 - part * (255.0 - f64::from(*c))).round() as u8;
            colour.iter().map(faded).collect::<Vec<u8>>()
        });
        Some(colours.collect())
    }

    fn cells_downwards(&self, is_down: bool) -> impl Iterator<Item = (usize, usize)> {
        let (columns, rows) = self.cells.dim();
        (0..rows)
            .map(move |row| if is_down { row } else { rows - 1 - row })
            .flat_map(move |row| (0..columns).map(move |column| (column, row)))
    }

    /// The cells as a table of comma-separated values: a header line of `corner` and the centre of
    /// every row of cells, then a line for each column with its centre first. Cells without a value
    /// are `nan`.
    pub fn to_csv(&self, corner: &str) -> String {
        let (columns, rows) = self.cells.dim();
        let mut text = format!("\"{}\"", corner.replace('"', "\"\""));
        // Writing to a String cannot fail.
        for y in centres(&self.y, rows) {
            let _ = write!(text, ",{y}");
        }
        text.push('\n');
        for (column, x) in centres(&self.x, columns).enumerate() {
            let _ = write!(text, "{x}");
            for value in self.cells.row(column) {
                if value.is_nan() {
                    text.push_str(",nan");
                } else {
                    let _ = write!(text, ",{value}");
                }
            }
            text.push('\n');
        }
        text
    }
}

fn centres(range: &Range<f64>, count: usize) -> impl Iterator<Item = f64> {
    let each = (range.end - range.start) / count as f64;
    let start = range.start;
    (0..count).map(move |k| start + (k as f64 + 0.5) * each)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> HeatMap {
        let cells = Array2::from_shape_vec((2, 3), vec![0.0, 1.0, f64::NAN, 3.0, 4.0, 5.0]);
        HeatMap::new("power [dB]", cells.unwrap(), 0.0..4.0, 10.0..16.0)
    }

    #[test]
    fn a_picture_starts_at_the_top() {
        // Two columns, three rows; the top row is the last.
        assert_eq!(map().steps(false), [255, 254, 51, 203, 0, 152]);
        // Depths count downwards.
        assert_eq!(map().steps(true), [0, 152, 51, 203, 255, 254]);
    }

    #[test]
    fn cells_fade_into_white() {
        let opaque = map().faded(Array2::from_elem((2, 3), 1.0));
        let colours = opaque.faded_colours(true).unwrap();
        assert_eq!(colours[..3], map().colours.palette()[..3]);
        // The missing one.
        assert_eq!(colours[12..15], [255; 3]);
        let clear = map().faded(Array2::zeros((2, 3)));
        assert_eq!(clear.faded_colours(false).unwrap(), [255; 18]);
        let unknown = map().faded(Array2::from_elem((2, 3), f64::NAN));
        assert_eq!(unknown.faded_colours(false).unwrap(), [255; 18]);
        assert!(map().faded_colours(false).is_none());
    }

    #[test]
    fn quantiles_leave_extremes_out() {
        let cells = Array2::from_shape_fn(
            (1, 101),
            |(_, row)| {
                if row == 100 { 1e9 } else { row as f64 }
            },
        );
        let map = HeatMap::new("", cells, 0.0..1.0, 0.0..1.0);
        assert_eq!(map.limits, 0.0..1e9);
        assert_eq!(map.between_quantiles(0.01, 0.99).limits, 1.0..99.0);
        let empty = HeatMap::new("", Array2::from_elem((1, 1), f64::NAN), 0.0..1.0, 0.0..1.0);
        assert_eq!(empty.between_quantiles(0.0, 1.0).limits, 0.0..1.0);
    }

    #[test]
    fn the_table_holds_every_cell_and_its_place() {
        let text = map().to_csv("t [s] \\ r [km]");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            ["\"t [s] \\ r [km]\",11,13,15", "1,0,1,nan", "3,3,4,5"]
        );
    }
}
