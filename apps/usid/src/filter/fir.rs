//! Band passes from a windowed sinc: the window method of filter design with a Blackman window.

use std::f64::consts::PI;

use num_complex::Complex64;
use rustfft::FftPlanner;

use super::Sampling;
use crate::{Error, Result};

/// More taps than this are a slip of the keyboard.
const MOST_TAPS: usize = 1 << 24;

/// Whether a band pass of so many taps from `low` to `high` Hz can be designed.
pub(super) fn check(taps: usize, low: f64, high: f64, nyquist: f64) -> Result<()> {
    if !(3..=MOST_TAPS).contains(&taps) {
        return Err(Error::Request(format!(
            "{taps} taps: a band pass needs 3 to {MOST_TAPS}"
        )));
    }
    if low <= 0.0 || high >= nyquist {
        return Err(Error::Request(format!(
            "a band pass with taps passes centre - width to centre + width, here {low} to {high} \
             Hz: \
             both must lie between 0 and {nyquist} Hz, exclusive"
        )));
    }
    Ok(())
}

/// The magnitude of the response at each bin of a shifted spectrum; taps beyond the length of the
/// signal are cut off.
pub(super) fn magnitude(sampling: Sampling, taps: usize, low: f64, high: f64) -> Vec<f64> {
    let mut response: Vec<Complex64> = design(sampling.rate, taps, low, high)
        .into_iter()
        .map(Complex64::from)
        .collect();
    response.resize(sampling.points, Complex64::ZERO);
    FftPlanner::new()
        .plan_fft_forward(sampling.points)
        .process(&mut response);
    // Bin k of the shifted spectrum is bin k - zero, counted round the end.
    response.rotate_right(sampling.zero());
    response.into_iter().map(Complex64::norm).collect()
}

/// The taps, scaled to unit gain in the middle of the band.
fn design(rate: f64, taps: usize, low: f64, high: f64) -> Vec<f64> {
    let nyquist = rate / 2.0;
    let (low, high) = (low / nyquist, high / nyquist);
    let last = (taps - 1) as f64;
    let mut h: Vec<f64> = (0..taps)
        .map(|k| {
            let m = k as f64 - last / 2.0;
            let turn = 2.0 * PI * k as f64 / last;
            let blackman = 0.42 - 0.5 * turn.cos() + 0.08 * (2.0 * turn).cos();
            blackman * (high * sinc(high * m) - low * sinc(low * m))
        })
        .collect();
    let middle = f64::midpoint(low, high);
    let gain: f64 = h
        .iter()
        .enumerate()
        .map(|(k, tap)| tap * (PI * (k as f64 - last / 2.0) * middle).cos())
        .sum();
    for tap in &mut h {
        *tap /= gain;
    }
    h
}

/// sin(pi x) / (pi x).
fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        1.0
    } else {
        (PI * x).sin() / (PI * x)
    }
}
