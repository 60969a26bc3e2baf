use std::fmt;
use std::sync::Arc;

use ndarray::{Array2, Axis};
use num_complex::Complex64;
use rustfft::{Fft, FftPlanner};

use super::taper::Taper;

/// The discrete Fourier transform of an image times the outer product of two Blackman windows, zero
/// frequency first, not normalised.
pub fn spectrum(image: &Array2<f64>) -> Array2<Complex64> {
    let (nx, ny) = image.dim();
    let (wx, wy) = (Taper::Blackman.function(nx), Taper::Blackman.function(ny));
    let mut tapered = Array2::from_shape_fn((nx, ny), |(x, y)| {
        Complex64::from(wx[x] * wy[y] * image[[x, y]])
    });
    Fft2::new(nx, ny).forward(&mut tapered);
    tapered
}

/// Plans of a two-dimensional discrete Fourier transform, and room for a line.
pub(super) struct Fft2 {
    /// Along y, then along x.
    plans: [Arc<dyn Fft<f64>>; 2],
    line: Vec<Complex64>,
    scratch: Vec<Complex64>,
}

impl fmt::Debug for Fft2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [y, x] = self.plans.each_ref().map(|plan| plan.len());
        f.debug_struct("Fft2")
            .field("x", &x)
            .field("y", &y)
            .finish_non_exhaustive()
    }
}

impl Fft2 {
    /// For arrays `[nx, ny]`.
    pub(super) fn new(nx: usize, ny: usize) -> Fft2 {
        let mut planner = FftPlanner::new();
        let plans = [ny, nx].map(|length| planner.plan_fft_forward(length));
        let scratch = plans
            .iter()
            .map(|plan| plan.get_inplace_scratch_len())
            .max();
        Fft2 {
            plans,
            line: Vec::new(),
            scratch: vec![Complex64::default(); scratch.unwrap_or(0)],
        }
    }

    /// Transforms in place: not normalised, zero frequency first.
    pub(super) fn forward(&mut self, image: &mut Array2<Complex64>) {
        for (plan, axis) in self.plans.iter().zip([Axis(1), Axis(0)]) {
            for mut lane in image.lanes_mut(axis) {
                self.line.clear();
                self.line.extend(&lane);
                plan.process_with_scratch(&mut self.line, &mut self.scratch);
                for (to, from) in lane.iter_mut().zip(&self.line) {
                    *to = *from;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn a_transform_is_the_sum_that_defines_it() {
        let image = Array2::from_shape_fn((4, 3), |(x, y)| (x * x + 5 * y) as f64 - 3.0);
        let ours = spectrum(&image);
        let (wx, wy) = (Taper::Blackman.function(4), Taper::Blackman.function(3));
        for ((u, v), value) in ours.indexed_iter() {
            let sum: Complex64 = image
                .indexed_iter()
                .map(|((x, y), p)| {
                    let turns = (u * x) as f64 / 4.0 + (v * y) as f64 / 3.0;
                    Complex64::cis(-TAU * turns) * wx[x] * wy[y] * p
                })
                .sum();
            assert!((value - sum).norm() < 1e-13);
        }
    }
}
