use std::f64::consts::PI;

use ndarray::{Array2, ArrayView2, Axis, Slice};
use num_complex::Complex64;

use super::spectrum::Fft2;
use super::taper::Taper;
use crate::{Error, Result};

/// What an image's lattice suggests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WindowSize {
    /// Pixels along both axes of a window.
    pub size: usize,
    /// Width of the point spread function in pixels: `N / (pi r)`, with `r` the radius of the
    /// strongest ring of the spectrum.
    pub psf_width: f64,
}

/// Looks for the strongest ring in the spectrum of an image, on which lie the peaks of a lattice. A
/// window holds about two of its periods.
///
/// Of an image that is not square the square in its middle counts.
///
/// # Errors
/// No ring stands out.
pub fn window_size(image: &Array2<f64>) -> Result<WindowSize> {
    let (nx, ny) = image.dim();
    let n = nx.min(ny);
    let (x, y) = ((nx - n) / 2, (ny - n) / 2);
    let rows = image.slice_axis(Axis(0), Slice::from(x..x + n));
    let square = rows.slice_axis(Axis(1), Slice::from(y..y + n));
    let radius = strongest_ring(&square).ok_or_else(|| {
        Error::Request("no lattice found in the image: give the window size".to_owned())
    })?;
    let n_f = n as f64;
    let period = (n_f / (radius + 0.5)).clamp(1.0, (n / 6) as f64);
    Ok(WindowSize {
        size: (2.0 * period).round_ties_even() as usize,
        psf_width: n_f / (PI * radius),
    })
}

/// The radius of the tallest local maximum of the spectrum's largest magnitudes on rings, in cycles
/// per image.
fn strongest_ring(square: &ArrayView2<'_, f64>) -> Option<f64> {
    let n = square.nrows();
    // Edges n_r = N / 4; a local maximum takes three rings between four edges. Fewer than 6 pixels
    // leave no window either.
    let edges = n / 4;
    if edges < 4 {
        return None;
    }
    let half = n as f64 / 2.0;
    let step = half / (edges - 1) as f64;
    // In f32, as the rings have always been.
    let edge = |k: usize| f64::from((k as f64 * step) as f32);
    let mut rings = vec![0.0_f64; edges - 1];
    for ((i, j), power) in magnitudes(square)?.indexed_iter() {
        let radius = f64::hypot(offset(i, n), offset(j, n));
        // A radius on an edge belongs to the rings on both sides.
        let near = (radius / step) as usize;
        for k in near.saturating_sub(1)..(near + 2).min(rings.len()) {
            if edge(k) <= radius && radius <= edge(k + 1) {
                rings[k] = rings[k].max(*power);
            }
        }
    }
    let peaks =
        (1..rings.len() - 1).filter(|&k| rings[k - 1] < rings[k] && rings[k] > rings[k + 1]);
    // The first of equals.
    let tallest = peaks.reduce(|best, k| if rings[k] > rings[best] { k } else { best })?;
    Some(f64::from(edge(tallest) as f32 + (step / 2.0) as f32))
}

/// Magnitudes of the spectrum of the image scaled to 0..1, without its mean and under a Hann
/// window; zero frequency first.
fn magnitudes(square: &ArrayView2<'_, f64>) -> Option<Array2<f64>> {
    let (low, high) = square
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &p| {
            (low.min(p), high.max(p))
        });
    if high.partial_cmp(&low) != Some(std::cmp::Ordering::Greater) {
        return None;
    }
    let scaled = square.mapv(|p| f64::from(((p - low) / (high - low)) as f32));
    let mean = scaled.mean()?;
    let hann = Taper::Hann.function(square.nrows());
    let mut spectrum = Array2::from_shape_fn(square.dim(), |(x, y)| {
        Complex64::from((scaled[[x, y]] - mean) * (hann[x] * hann[y]))
    });
    Fft2::new(square.nrows(), square.ncols()).forward(&mut spectrum);
    // A frequency and its negative have the same magnitude, which decides between rings: to the
    // bit, then.
    let n = square.nrows();
    Some(Array2::from_shape_fn(square.dim(), |(u, v)| {
        let mirrored = ((n - u) % n, (n - v) % n);
        spectrum[(u, v).min(mirrored)].norm()
    }))
}

/// Where frequency `k` lies from the middle of the shifted spectrum: half-integers where `n` is
/// odd.
fn offset(k: usize, n: usize) -> f64 {
    ((k + n / 2) % n) as f64 - n as f64 / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripes(n: usize, period: f64) -> Array2<f64> {
        Array2::from_shape_fn((n, n), |(x, _)| (2.0 * PI * x as f64 / period).cos())
    }

    #[test]
    fn a_window_holds_two_periods() {
        let found = window_size(&stripes(128, 11.0)).unwrap();
        assert!((20..=24).contains(&found.size), "{found:?}");
    }

    #[test]
    fn of_a_wide_image_the_middle_counts() {
        let square = stripes(64, 7.0);
        let mut wide = Array2::from_elem((64, 101), 100.0);
        wide.slice_axis_mut(Axis(1), Slice::from(18..82))
            .assign(&square);
        assert_eq!(window_size(&wide).unwrap(), window_size(&square).unwrap());
    }

    #[test]
    fn without_a_lattice_the_user_is_asked() {
        for image in [
            Array2::zeros((64, 64)),
            Array2::zeros((0, 3)),
            stripes(15, 4.0),
        ] {
            let message = window_size(&image).unwrap_err().to_string();
            assert!(message.contains("give the window size"), "{message}");
        }
    }
}
