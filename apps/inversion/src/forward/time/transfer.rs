//! From the response of the earth at some frequencies to what is averaged in windows: one real
//! matrix.
//!
//! Spectrum of the waveform, filters, cubic spline in log10 f, inverse transform and windows are
//! all linear, so that a window is a row of weights for real and imaginary parts.

use std::f64::consts::PI;

use num_complex::Complex64;
use rustfft::FftPlanner;

use super::spline::Spline;
use crate::system::{Output, TimeSystem, Waveform, Weighting};

/// The frequencies at which the earth is asked, and what becomes of its answers.
#[derive(Clone, Debug)]
pub(super) struct Transfer {
    /// Hz.
    pub(super) frequencies: Vec<f64>,
    /// Window by window: the weights of all real parts, then of all imaginary parts.
    pub(super) matrix: Vec<f64>,
    /// The largest change of the waveform per s, or 1 where the field itself is measured.
    pub(super) primary: f64,
}

impl Transfer {
    pub(super) fn new(system: &TimeSystem) -> Transfer {
        let frequencies = frequencies(system);
        let logarithms: Vec<f64> = frequencies.iter().map(|f| f.log10()).collect();
        let spline = Spline::new(&logarithms);
        let waveform = samples(system);
        let spectrum = spectrum(system, &waveform);
        let (samples, count) = (system.samples(), frequencies.len());
        let bin = system.digitising_frequency / samples as f64;
        let mut planner = FftPlanner::new();
        let inverse = planner.plan_fft_inverse(samples);
        let mut matrix = Vec::with_capacity(system.windows.len() * 2 * count);
        for window in &system.windows {
            let mut weights = weights(system, *window);
            inverse.process(&mut weights);
            let (mut real, mut imaginary) = (spline.no_weights(), spline.no_weights());
            for (k, transfer) in spectrum.iter().enumerate() {
                // Each bin stands for its conjugate too; the last one is its own.
                let twice = if 2 * k == samples { 1.0 } else { 2.0 };
                let weight = transfer * weights[k] * twice;
                if weight != Complex64::ZERO {
                    let at = (bin * k as f64).log10();
                    spline.weigh(at, weight.re, &mut real);
                    spline.weigh(at, -weight.im, &mut imaginary);
                }
            }
            matrix.extend(spline.of_values(&real));
            matrix.extend(spline.of_values(&imaginary));
        }
        let primary = match system.output {
            Output::B => 1.0,
            Output::DbDt => steepest(&waveform) * system.digitising_frequency,
        };
        Transfer {
            frequencies,
            matrix,
            primary,
        }
    }
}

/// Equally spaced in log10, a step beyond both ends of the spectrum.
fn frequencies(system: &TimeSystem) -> Vec<f64> {
    let per_decade = system.frequencies_per_decade as f64;
    let lowest = system.base_frequency.log10() - 2.0 / per_decade;
    let highest = (0.5 * system.digitising_frequency).log10() + 2.0 / per_decade;
    let count = ((highest - lowest) * per_decade).ceil() as usize;
    let step = (highest - lowest) / (count - 1) as f64;
    (0..count)
        .map(|i| 10f64.powf(lowest + step * i as f64))
        .collect()
}

/// A period of the waveform: what the points give of half of it, and its negative.
fn samples(system: &TimeSystem) -> Vec<f64> {
    let half_period = 0.5 / system.base_frequency;
    let half = system.samples() / 2;
    let points = &system.points;
    let range = points[0][0]..=points[points.len() - 1][0];
    // Whole half periods away, and the sign there.
    let shifts = [
        (0.0, 1.0),
        (-1.0, -1.0),
        (-2.0, 1.0),
        (1.0, -1.0),
        (2.0, 1.0),
    ];
    let mut waveform = vec![0.0; 2 * half];
    for i in 0..half {
        let time = i as f64 / system.digitising_frequency;
        let given = shifts.map(|(halves, sign)| (time + halves * half_period, sign));
        if let Some((time, sign)) = given.into_iter().find(|(time, _)| range.contains(time)) {
            waveform[i] = sign * interpolated(points, time);
        }
        waveform[half + i] = -waveform[i];
    }
    waveform
}

/// On the line between two points.
fn interpolated(points: &[[f64; 2]], time: f64) -> f64 {
    let above = points.partition_point(|point| point[0] <= time);
    let above = above.clamp(1, points.len() - 1);
    let ([t0, v0], [t1, v1]) = (points[above - 1], points[above]);
    v0 + (v1 - v0) * (time - t0) / (t1 - t0)
}

/// The transfer function at bins 0 to half the samples: odd ones, as a waveform that changes its
/// sign after half a period has no others.
fn spectrum(system: &TimeSystem, waveform: &[f64]) -> Vec<Complex64> {
    let samples = waveform.len();
    let mut spectrum: Vec<Complex64> = waveform
        .iter()
        .map(|v| Complex64::from(v / samples as f64))
        .collect();
    FftPlanner::new()
        .plan_fft_forward(samples)
        .process(&mut spectrum);
    spectrum.truncate(samples / 2 + 1);
    let bin = system.digitising_frequency / samples as f64;
    for (k, value) in spectrum.iter_mut().enumerate() {
        if k % 2 == 0 {
            *value = Complex64::ZERO;
            continue;
        }
        let frequency = bin * k as f64;
        *value *= match (system.waveform, system.output) {
            (Waveform::Current, Output::DbDt) => Complex64::new(0.0, -2.0 * PI * frequency),
            (Waveform::Received, Output::B) => Complex64::new(0.0, -1.0 / (2.0 * PI * frequency)),
            _ => Complex64::ONE,
        };
        for (cut_off, order) in &system.low_pass {
            *value *= Complex64::new(1.0, frequency / cut_off).inv().powi(*order);
        }
    }
    spectrum
}

/// The weights of all samples of a period in a window, which add up to 1.
fn weights(system: &TimeSystem, window: [f64; 2]) -> Vec<Complex64> {
    let samples = system.samples();
    let mut weights = vec![Complex64::ZERO; samples];
    let Some(inside) = system.samples_in(window) else {
        return weights;
    };
    let step = 1.0 / system.digitising_frequency;
    let time = |i: usize| i as f64 * step;
    let [begin, end] = window;
    let mut set = |i: usize, weight: f64| weights[i % samples] += weight;
    match system.weighting {
        Weighting::Boxcar => inside.for_each(|i| set(i, 1.0)),
        Weighting::AreaUnderCurve => inside.for_each(|i| {
            let nearest = (time(i) + step).min(end) - (time(i) - step).max(begin);
            set(i, 0.5 * nearest);
        }),
        Weighting::LinearTaper => {
            let (first, count) = (*inside.start(), inside.count());
            for k in 0..3 * count {
                let rising = (k + 1) as f64 / (count + 1) as f64;
                let falling = 1.0 - ((k + 1) as f64 - 2.0 * count as f64) / (count + 1) as f64;
                set(first + samples + k - count, rising.min(1.0).min(falling));
            }
        }
    }
    let sum: f64 = weights.iter().map(|weight| weight.re).sum();
    for weight in &mut weights {
        *weight /= sum;
    }
    weights
}

/// The largest difference of neighbours.
fn steepest(waveform: &[f64]) -> f64 {
    let next = waveform.iter().cycle().skip(1);
    waveform
        .iter()
        .zip(next)
        .map(|(a, b)| (b - a).abs())
        .fold(0.0, f64::max)
}
