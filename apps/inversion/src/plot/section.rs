use std::ops::Range;

use jobwise_figures::{Axis, HeatMap, Panel};
use ndarray::Array2;

use super::along::Along;

/// Cells of a picture, at most.
const COLUMNS: usize = 900;
const ROWS: usize = 400;

/// A picture of what is at a distance along the line and a depth: below the surface, or above sea
/// level where that is known of every sounding.
pub(super) struct Section {
    x: Range<f64>,
    y: Range<f64>,
    is_depth: bool,
    label: &'static str,
    values: Array2<f64>,
    opacity: Array2<f64>,
}

/// What a sounding has at each bin of depth.
pub(super) struct Column<'c> {
    /// What it stands for on the axis of the line.
    pub(super) span: Range<f64>,
    /// m: its surface; not a number where that is not known.
    pub(super) elevation: f64,
    /// m: edges of the bins of depth.
    pub(super) depths: &'c [f64],
    /// One per bin.
    pub(super) values: &'c [f64],
    /// One per bin.
    pub(super) opacity: &'c [f64],
}

impl Section {
    /// An empty picture down to a depth in m below soundings with these elevations.
    pub(super) fn new(along: &Along, elevations: &[f64], deepest: f64) -> Section {
        let is_depth = !elevations.iter().all(|elevation| elevation.is_finite());
        let highest = elevations.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let lowest = elevations.iter().copied().fold(f64::INFINITY, f64::min);
        let y = if is_depth {
            0.0..deepest
        } else {
            lowest - deepest..highest + 0.02 * deepest
        };
        let columns = COLUMNS.min(60 * along.at.len());
        Section {
            x: along.range(),
            y,
            is_depth,
            label: along.label,
            values: Array2::from_elem((columns, ROWS), f64::NAN),
            opacity: Array2::zeros((columns, ROWS)),
        }
    }

    /// Draws a sounding.
    pub(super) fn add(&mut self, column: &Column<'_>) {
        let (columns, rows) = self.values.dim();
        let width = (self.x.end - self.x.start) / columns as f64;
        let height = (self.y.end - self.y.start) / rows as f64;
        let place = |x: f64| ((x - self.x.start) / width).round();
        // Negative numbers become 0. Every sounding has a column, however many there are.
        let first = (place(column.span.start) as usize).min(columns - 1);
        let end = (place(column.span.end) as usize).clamp(first + 1, columns);
        for row in 0..rows {
            let y = self.y.start + (row as f64 + 0.5) * height;
            let depth = if self.is_depth {
                y
            } else {
                column.elevation - y
            };
            let above = column.depths.partition_point(|edge| *edge <= depth);
            let Some(bin) = above
                .checked_sub(1)
                .filter(|bin| *bin < column.values.len())
            else {
                continue;
            };
            for at in first..end {
                self.values[[at, row]] = column.values[bin];
                self.opacity[[at, row]] = column.opacity[bin];
            }
        }
    }

    /// Where something at a depth in m is on the vertical axis.
    pub(super) fn y(&self, elevation: f64, depth: f64) -> f64 {
        if self.is_depth {
            depth
        } else {
            elevation - depth
        }
    }

    /// Whether depths are below the surface: then that is no line of its own.
    pub(super) fn is_depth(&self) -> bool {
        self.is_depth
    }

    /// The panel of the picture.
    pub(super) fn panel(self, title: &str, label: &str, limits: Option<Range<f64>>) -> Panel {
        let x = Axis::linear(self.label).limits(self.x.clone());
        let y = if self.is_depth {
            Axis::linear("depth [m]").downwards()
        } else {
            Axis::linear("elevation [m]")
        };
        let heat = HeatMap::new(label, self.values, self.x, self.y.clone()).faded(self.opacity);
        let heat = match limits {
            Some(limits) => heat.limits(limits),
            None => heat.between_quantiles(0.01, 0.99),
        };
        Panel::new(title, x, y.limits(self.y)).heat(heat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_hang_below_their_surface() {
        let along = Along::at("", vec![0.0, 10.0]);
        let mut section = Section::new(&along, &[100.0, 90.0], 20.0);
        for (span, elevation, value) in [(-5.0..5.0, 100.0, 1.0), (5.0..15.0, 90.0, 2.0)] {
            section.add(&Column {
                span,
                elevation,
                depths: &[0.0, 10.0, 20.0],
                values: &[value, 10.0 * value],
                opacity: &[1.0, 0.5],
            });
        }
        let at = |x: f64, y: f64| {
            let (columns, rows) = section.values.dim();
            let column = (x - section.x.start) / (section.x.end - section.x.start);
            let row = (y - section.y.start) / (section.y.end - section.y.start);
            let place = [
                (column * columns as f64) as usize,
                (row * rows as f64) as usize,
            ];
            (section.values[place], section.opacity[place])
        };
        assert_eq!(at(0.0, 95.0), (1.0, 1.0));
        assert_eq!(at(0.0, 85.0), (10.0, 0.5));
        assert_eq!(at(10.0, 85.0), (2.0, 1.0));
        assert_eq!(at(10.0, 75.0), (20.0, 0.5));
        // Above the surface and below the model there is nothing.
        for (x, y) in [(10.0, 95.0), (0.0, 75.0)] {
            assert!(at(x, y).0.is_nan());
        }
    }
}
