use ndarray::Array2;

use super::projector::Projector;
use crate::clean::windows::Windows;

/// Rows of pixels that are filtered together.
pub(super) const ROWS: usize = 4;

/// Filters for every place within a step: `taps(u mod s, d) = sum of P[a, a + d] over a = u mod s`,
/// where `P` projects on the components.
#[derive(Debug)]
pub(super) struct Taps {
    values: Vec<f64>,
    /// Steps, numbers of shifts, and zeros on either side along x.
    steps: [usize; 2],
    pub(super) shifts: [usize; 2],
    padding: usize,
}

impl Taps {
    /// For the tapered components in the rows of `kept`. Zeros before and after the taps along x
    /// let rows that are filtered together share a loop.
    pub(super) fn new(windows: &Windows, kept: &Array2<f64>) -> Taps {
        let (x, y) = (&windows.x, &windows.y);
        let padding = (ROWS - 1) * x.step;
        let pixels = windows.pixels();
        let projector = Projector::new(windows, kept);
        let steps = [x.step.min(x.window), y.step.min(y.window)];
        let shifts = [2 * x.window - 1, 2 * y.window - 1];
        let mut taps = Taps {
            values: vec![0.0; steps[0] * steps[1] * shifts[1] * (shifts[0] + 2 * padding)],
            steps,
            shifts,
            padding,
        };
        for (column, pixel) in (0..pixels)
            .map(|p| (p / y.window, p % y.window))
            .enumerate()
        {
            let entries = projector.column(column);
            let at = [pixel.0 % steps[0], pixel.1 % steps[1]];
            for (other, entry) in entries.iter().enumerate() {
                let dx = other / y.window + x.window - 1 - pixel.0;
                let dy = other % y.window + y.window - 1 - pixel.1;
                let place = taps.start(at, padding + dx) + dy;
                taps.values[place] += entry;
            }
        }
        taps
    }

    fn start(&self, at: [usize; 2], dx: usize) -> usize {
        let place = at[0] * self.steps[1] + at[1];
        (place * (self.shifts[0] + 2 * self.padding) + dx) * self.shifts[1]
    }

    /// The taps at a place within a step by shift along y, for the shift `dx - padding - (w_x - 1)`
    /// along x.
    pub(super) fn along_y(&self, at: [usize; 2], dx: usize) -> &[f64] {
        &self.values[self.start(at, dx)..][..self.shifts[1]]
    }

    /// All numbers: by place within a step, zeros before and after those along x, rows of shifts
    /// along y.
    #[cfg(feature = "cuda")]
    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    /// How many rows of zeros there are on either side.
    #[cfg(feature = "cuda")]
    pub(super) fn padding(&self) -> usize {
        self.padding
    }

    /// Places within a step that windows reach, along either axis.
    pub(super) fn steps(&self) -> [usize; 2] {
        self.steps
    }
}
