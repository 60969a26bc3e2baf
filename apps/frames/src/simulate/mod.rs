//! Files with known content: an observation of a sky with one source, scan by scan.
//!
//! The boresight goes to and fro in right ascension, a step in declination further with each scan;
//! every third scan is a turnaround. Detectors see a source with a Gaussian shape, polarized, a
//! drift that a polynomial of first order takes away, and white noise. All is a function of the
//! seed, the scan, the detector and the sample.

mod noise;
mod scan;
mod write;

pub use write::{Simulated, write};

use crate::object::Time;

/// An observation to be simulated.
#[derive(Clone, Debug)]
pub struct Observation {
    /// Scans.
    pub scans: usize,
    /// Detectors.
    pub detectors: usize,
    /// Samples of each scan.
    pub samples: usize,
    /// Over how many files the scans are spread.
    pub files: usize,
    /// Of the noise.
    pub seed: u64,
    /// Whether the raw timestreams are compressed.
    pub is_compressed: bool,
}

/// The centre of the field, in degrees: right ascension and declination.
pub const CENTER: (f64, f64) = (30.0, -50.0);
/// The brightest value of the source, in K.
pub const AMPLITUDE: f64 = 1.0;
/// The width of the source, a standard deviation in degrees.
pub const WIDTH: f64 = 0.5;
/// Its polarization: Q and U as parts of T.
pub const POLARIZED: (f64, f64) = (0.2, -0.1);
/// The standard deviation of the noise of a sample, in K.
pub const NOISE: f64 = 0.01;

/// When the observation begins.
const BEGIN: Time = Time(1_600_000_000 * Time::SECOND);
/// The time between two samples, in units of 10 ns: 10 ms.
const STEP: i64 = 1_000_000;
/// How far the boresight goes to each side, in degrees.
const REACH: f64 = 2.5;

impl Observation {
    /// Whether a scan is a turnaround.
    pub fn is_turnaround(scan: usize) -> bool {
        scan % 3 == 2
    }
}
