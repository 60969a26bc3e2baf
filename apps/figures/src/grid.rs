use std::ops::Range;

use ndarray::Array2;

/// What stands for the values that share a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// Their mean: keeps the level of noise.
    Mean,
    /// The largest: keeps a target that fills one value of many.
    Max,
}

/// Values of a plane, reduced to cells while they stream by.
///
/// The plane has `columns` x `rows` values; `block` of them, the same number everywhere, share a
/// cell. Blocks are the smallest that give no more cells than asked for, so a plane that fits is
/// not reduced. Memory: 12 bytes per cell, whatever the plane.
#[derive(Clone, Debug)]
pub struct Grid {
    size: (usize, usize),
    block: (usize, usize),
    cells: (usize, usize),
    reduction: Reduction,
    values: Vec<f64>,
    counts: Vec<u32>,
}

impl Grid {
    /// A plane of `size` = (columns, rows) values in at most `most` = (columns, rows) cells.
    ///
    /// # Panics
    /// When `most` has a zero.
    pub fn new(size: (usize, usize), most: (usize, usize), reduction: Reduction) -> Grid {
        assert!(most.0 > 0 && most.1 > 0, "a grid has cells");
        let block = (
            size.0.div_ceil(most.0).max(1),
            size.1.div_ceil(most.1).max(1),
        );
        let cells = (size.0.div_ceil(block.0), size.1.div_ceil(block.1));
        Grid {
            size,
            block,
            cells,
            reduction,
            values: vec![0.0; cells.0 * cells.1],
            counts: vec![0; cells.0 * cells.1],
        }
    }

    /// Adds a value of the plane; NaN counts as missing.
    ///
    /// # Panics
    /// When it lies outside the plane.
    pub fn add(&mut self, column: usize, row: usize, value: f64) {
        assert!(
            column < self.size.0 && row < self.size.1,
            "outside the plane"
        );
        if value.is_nan() {
            return;
        }
        let cell = column / self.block.0 * self.cells.1 + row / self.block.1;
        let (kept, count) = (&mut self.values[cell], &mut self.counts[cell]);
        *kept = match self.reduction {
            Reduction::Max if *count > 0 => kept.max(value),
            Reduction::Max => value,
            Reduction::Mean => *kept + value,
        };
        *count = count.saturating_add(1);
    }

    /// The reduced values, shape (columns, rows); NaN where a cell got none.
    pub fn cells(&self) -> Array2<f64> {
        Array2::from_shape_fn(self.cells, |(column, row)| {
            let cell = column * self.cells.1 + row;
            match (self.counts[cell], self.reduction) {
                (0, _) => f64::NAN,
                (_, Reduction::Max) => self.values[cell],
                (count, Reduction::Mean) => self.values[cell] / f64::from(count),
            }
        })
    }

    /// How many columns and rows of the plane share a cell.
    pub fn block(&self) -> (usize, usize) {
        self.block
    }

    /// Where the cells begin and end when the columns of the plane span `plane`: the last cell may
    /// reach beyond.
    pub fn span_columns(&self, plane: Range<f64>) -> Range<f64> {
        span(plane, self.size.0, self.block.0, self.cells.0)
    }

    /// As [`span_columns`](Self::span_columns), for the rows.
    pub fn span_rows(&self, plane: Range<f64>) -> Range<f64> {
        span(plane, self.size.1, self.block.1, self.cells.1)
    }
}

fn span(plane: Range<f64>, size: usize, block: usize, cells: usize) -> Range<f64> {
    let each = (plane.end - plane.start) / size.max(1) as f64;
    plane.start..plane.start + each * (block * cells) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(size: (usize, usize), most: (usize, usize), reduction: Reduction) -> Grid {
        let mut grid = Grid::new(size, most, reduction);
        for column in 0..size.0 {
            for row in 0..size.1 {
                grid.add(column, row, (10 * column + row) as f64);
            }
        }
        grid
    }

    #[test]
    fn a_plane_that_fits_is_not_reduced() {
        let grid = filled((3, 2), (3, 2), Reduction::Mean);
        assert_eq!(grid.block(), (1, 1));
        assert_eq!(
            grid.cells().as_slice().unwrap(),
            [0.0, 1.0, 10.0, 11.0, 20.0, 21.0]
        );
    }

    #[test]
    fn cells_are_means_or_maxima_of_their_block() {
        let mean = filled((5, 4), (3, 2), Reduction::Mean);
        assert_eq!(mean.block(), (2, 2));
        // The last column of cells has one column of values.
        assert_eq!(
            mean.cells().as_slice().unwrap(),
            [5.5, 7.5, 25.5, 27.5, 40.5, 42.5]
        );
        assert_eq!(mean.span_columns(0.0..50.0), 0.0..60.0);
        assert_eq!(mean.span_rows(1.0..5.0), 1.0..5.0);
        let max = filled((5, 4), (3, 2), Reduction::Max);
        assert_eq!(
            max.cells().as_slice().unwrap(),
            [11.0, 13.0, 31.0, 33.0, 41.0, 43.0]
        );
    }

    #[test]
    fn missing_values_do_not_count() {
        for reduction in [Reduction::Mean, Reduction::Max] {
            let mut grid = Grid::new((4, 1), (2, 1), reduction);
            grid.add(0, 0, f64::NAN);
            grid.add(1, 0, -3.0);
            let cells = grid.cells();
            assert!((cells[[0, 0]] + 3.0).abs() < f64::EPSILON && cells[[1, 0]].is_nan());
        }
    }
}
