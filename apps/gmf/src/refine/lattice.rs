//! The best of a small grid of range rates and accelerations.

use num_complex::Complex;

use super::sounding::Sounding;
use crate::parameters::Parameters;

/// Samples taken together: the phasors of all accelerations for them stay in the cache.
const BLOCK: usize = 1024;

/// Range rates in m/s and accelerations in m/s²; every pair is a point.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lattice {
    range_rates: Vec<f64>,
    accelerations: Vec<f64>,
}

impl Lattice {
    /// 21 x 21 points, the middle one the given: one step of the acceleration grid to each side,
    /// and in range rate what such a step is made up for by, and one bin.
    pub(super) fn around(range_rate: f64, acceleration: f64, parameters: &Parameters) -> Lattice {
        let half = 10_i32;
        let length = parameters.integration_step() as f64 / parameters.sample_rate;
        let steps = |middle: f64, width: f64| {
            let points = (-half..=half).map(|i| middle + f64::from(i) * width / f64::from(half));
            points.collect()
        };
        let bin = parameters.wavelength / length;
        let step = parameters.acceleration_step;
        Lattice {
            range_rates: steps(range_rate, step * length / 2.0 + bin),
            accelerations: steps(acceleration, step),
        }
    }

    /// The 20 x 20 points of hardtarget. Its width in range rate is a distance, negative for
    /// negative accelerations.
    pub(super) fn compatible(
        range_rate: f64,
        acceleration: f64,
        parameters: &Parameters,
    ) -> Lattice {
        let length = parameters.integration_step() as f64 / parameters.sample_rate;
        let width = 2.0 * parameters.acceleration_step;
        let sign = if acceleration == 0.0 {
            0.0
        } else {
            acceleration.signum()
        };
        let rates = (acceleration + sign * width / 2.0) * length * length;
        Lattice {
            range_rates: between(range_rate - rates / 2.0, range_rate + rates / 2.0),
            accelerations: between(acceleration - width / 2.0, acceleration + width / 2.0),
        }
    }

    /// Range rate, acceleration and power of the best point: of equal powers that of the first
    /// range rate, then of the first acceleration.
    pub(super) fn best(&self, sounding: &Sounding) -> (f64, f64, f64) {
        let powers = self.powers(sounding);
        let mut best = 0;
        for (point, &power) in powers.iter().enumerate() {
            if power > powers[best] {
                best = point;
            }
        }
        let columns = self.accelerations.len();
        (
            self.range_rates[best / columns],
            self.accelerations[best % columns],
            powers[best],
        )
    }

    /// The power of every point, accelerations fastest.
    ///
    /// The phasor of a point is the product of one for its range rate and one for its acceleration:
    /// no sine for each pair.
    fn powers(&self, sounding: &Sounding) -> Vec<f64> {
        let zero = Complex::<f64>::default();
        let columns = self.accelerations.len();
        let mut sums = vec![zero; self.range_rates.len() * columns];
        let mut phasors = vec![zero; columns * BLOCK];
        let mut still = vec![zero; BLOCK];
        let blocks = sounding.products.chunks(BLOCK);
        for (products, times) in blocks.zip(sounding.times.chunks(BLOCK)) {
            let rows = phasors.chunks_exact_mut(BLOCK);
            for (row, &a) in rows.zip(&self.accelerations) {
                for (phasor, &t) in row.iter_mut().zip(times) {
                    *phasor = sounding.turn(a * t * t / 2.0);
                }
            }
            for (&v, sums) in self.range_rates.iter().zip(sums.chunks_exact_mut(columns)) {
                for ((still, q), &t) in still.iter_mut().zip(products).zip(times) {
                    *still = q * sounding.turn(v * t);
                }
                for (sum, row) in sums.iter_mut().zip(phasors.chunks_exact(BLOCK)) {
                    let terms = still[..products.len()].iter().zip(row);
                    *sum += terms.map(|(x, y)| x * y).sum::<Complex<f64>>();
                }
            }
        }
        sums.iter().map(Complex::norm_sqr).collect()
    }
}

/// Twenty equidistant numbers, both ends included.
fn between(first: f64, last: f64) -> Vec<f64> {
    let intervals = 19_i32;
    let step = (last - first) / f64::from(intervals);
    let inner = (0..intervals).map(|i| first + f64::from(i) * step);
    inner.chain([last]).collect()
}
