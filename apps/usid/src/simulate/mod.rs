//! Files with known content: what there is to try commands on, and what they are timed with.

mod file;
mod noise;
mod period;

use std::f64::consts::TAU;
use std::path::Path;

use ndarray::Array2;

use crate::Result;
use crate::format::Dimension;
use file::Simulated;
pub(crate) use noise::uniform;
pub use period::{Sample, bias};

/// The sampling rate of simulated signals, in Hz.
pub const SAMPLING_RATE: f64 = 4e6;

/// The frequency of the bias of simulated currents, in Hz.
pub const BIAS_FREQUENCY: f64 = 200.0;

/// The amplitude of the bias of simulated currents, in V.
pub const BIAS_AMPLITUDE: f64 = 6.0;

/// The image of the published timings: a hexagonal lattice of period 11.3 pixels, a slope and
/// uniform noise of standard deviation 0.5. `[size, size]`, x slow, y fast.
pub fn image(size: usize) -> Array2<f32> {
    Array2::from_shape_fn((size, size), |(x, y)| {
        let noise = 0.5 * 12.0_f64.sqrt() * (uniform(1, (x * size + y + 1) as u64) - 0.5);
        let (x, y) = (x as f64, y as f64);
        let wave = |turn: f64| libm::cos(TAU * turn / 11.3);
        let across = 0.866_025_403_784_438_6 * y;
        let lattice = (wave(x) + wave(x / 2.0 + across) + wave(-x / 2.0 + across)) / 3.0;
        (lattice + 0.1 * y / size as f64 + noise) as f32
    })
}

/// The signal of a line: sines of 10 and 30 kHz and uniform noise, sampled with [`SAMPLING_RATE`],
/// in nA.
pub fn signal(line: usize, points: usize) -> Vec<f32> {
    let at = |index: usize| {
        let t = index as f64 / SAMPLING_RATE;
        let sines = libm::sin(TAU * 1e4 * t) + 0.3 * libm::sin(TAU * 3e4 * t + 0.01 * line as f64);
        (sines + 0.5 * (uniform(line as u64 + 1, index as u64 + 1) - 0.5)) as f32
    };
    (0..points).map(at).collect()
}

/// Makes a USID file with an [`image`].
///
/// # Errors
/// The file exists, or cannot be written.
pub fn image_file(path: &Path, size: usize) -> Result<()> {
    let pixel = |name: &str| Dimension::new(name, "px", (0..size).map(|i| i as f64).collect());
    let simulated = Simulated {
        quantity: "Intensity",
        units: "a.u.",
        positions: vec![pixel("X"), pixel("Y")],
        spectroscopic: vec![Dimension::new("arb", "", vec![1.0])],
        experiment: &[],
    };
    let image = image(size);
    simulated.write(path, image.rows().into_iter().map(|row| row.to_vec()))
}

/// Makes a USID file with the [`signal`]s of so many lines.
///
/// # Errors
/// The file exists, or cannot be written.
pub fn lines_file(path: &Path, lines: usize, points: usize) -> Result<()> {
    let times = (0..points).map(|index| index as f64 / SAMPLING_RATE);
    let simulated = Simulated {
        quantity: "Current",
        units: "nA",
        positions: vec![Dimension::new(
            "Y",
            "m",
            (0..lines).map(|i| i as f64 * 1e-8).collect(),
        )],
        spectroscopic: vec![Dimension::new("Time", "s", times.collect())],
        experiment: &[
            ("IO_samp_rate_[Hz]", SAMPLING_RATE),
            ("excitation_frequency_[Hz]", 1e4),
        ],
    };
    simulated.write(path, (0..lines).map(|line| signal(line, points)))
}

/// Makes a USID file with one period of current at so many positions, under a sinusoidal bias; each
/// lets the current of its own [`Sample`] pass.
///
/// # Errors
/// The file exists, or cannot be written.
pub fn currents_file(path: &Path, positions: usize, points: usize) -> Result<()> {
    let bias = bias(points, BIAS_AMPLITUDE);
    let simulated = Simulated {
        quantity: "Current",
        units: "nA",
        positions: vec![Dimension::new(
            "X",
            "m",
            (0..positions).map(|i| i as f64 * 1e-8).collect(),
        )],
        spectroscopic: vec![Dimension::new("Bias", "V", bias.clone())],
        experiment: &[("excitation_frequency_[Hz]", BIAS_FREQUENCY)],
    };
    let current = |position| {
        let current = Sample::of(position).current(&bias, BIAS_FREQUENCY, 0.03);
        current.into_iter().map(|value| value as f32).collect()
    };
    simulated.write(path, (0..positions).map(current))
}
