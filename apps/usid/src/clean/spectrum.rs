use ndarray::{Array2, Axis};
use num_complex::Complex64;
use rustfft::FftPlanner;

use super::taper::Taper;

/// The discrete Fourier transform of an image times the outer product of two Blackman windows, zero frequency first, not normalised.
pub fn spectrum(image: &Array2<f64>) -> Array2<Complex64> {
    let (nx, ny) = image.dim();
    let (wx, wy) = (Taper::Blackman.function(nx), Taper::Blackman.function(ny));
    let mut tapered = Array2::from_shape_fn((nx, ny), |(x, y)| {
        Complex64::from(wx[x] * wy[y] * image[[x, y]])
    });
    fft2(&mut tapered);
    tapered
}

/// The two-dimensional discrete Fourier transform, in place, not normalised, zero frequency first.
pub(super) fn fft2(image: &mut Array2<Complex64>) {
    let mut planner = FftPlanner::new();
    for axis in [Axis(1), Axis(0)] {
        let length = image.len_of(axis);
        if length == 0 {
            return;
        }
        let plan = planner.plan_fft_forward(length);
        let mut scratch = vec![Complex64::default(); plan.get_inplace_scratch_len()];
        let mut line = vec![Complex64::default(); length];
        for mut lane in image.lanes_mut(axis) {
            for (to, from) in line.iter_mut().zip(&lane) {
                *to = *from;
            }
            plan.process_with_scratch(&mut line, &mut scratch);
            for (to, from) in lane.iter_mut().zip(&line) {
                *to = *from;
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
