//! Values between coarse samples, from a few of their neighbours.
//!
//! A polynomial of exponential type `n` that is sampled at `M > 2 n + 1` angles is, everywhere,
//!
//! `p(theta_c + x) = sum_t w_t(x) p(theta_(c + t))`,
//! `w_t(x) = 1/M sum_k v_k cos(k (x - 2 pi t / M))`
//!
//! for any even `v` that is 1 up to `n` and 0 from `M - n` on. With `v` falling off smoothly
//! between (a rectangle convolved with a Kaiser window) the weights die away within a few samples,
//! and the sum of the magnitudes of those left out bounds the error in units of the supremum of
//! `|p|`.

use std::collections::BTreeMap;
use std::f64::consts::PI;

use num_complex::Complex;
use rustfft::{Fft, FftPlanner};

use super::grid::Grid;
use super::rows::middle;

/// Interpolation from the coarse samples of a grid to its bins.
#[derive(Clone, Debug)]
pub(crate) struct Between {
    /// Coarse samples that take part, the nearest in their middle.
    pub(crate) taps: usize,
    /// For every coarse sample where its bins start in `bins`.
    pub(crate) starts: Vec<u32>,
    /// Bins, and which weights lead to them.
    pub(crate) bins: Vec<(u32, u32)>,
    /// Weights: `taps` of them for every distance.
    pub(crate) weights: Vec<f32>,
    /// What a bin at every distance takes to be the largest.
    demands: Vec<Demand>,
    /// Bound on the error, over the supremum of the polynomial.
    pub(super) error: f64,
}

/// What a bin takes to be the largest: the powers of the coarse samples on either side of it, each
/// times its factor, are at least the power of the bin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demand {
    /// Of the sample that the bin is nearest to.
    pub(super) nearest: f32,
    /// Of the sample beside it, on the bin's side.
    pub(super) beside: f32,
    /// Where that sample is among the taps; the nearest again where nothing is demanded of it.
    pub(super) tap: usize,
}

/// A way from coarse samples to a bin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way<'a> {
    pub(super) bin: usize,
    /// One for each of the coarse samples from `taps / 2` before the nearest on.
    pub(super) weights: &'a [f32],
    pub(super) demand: Demand,
}

impl Between {
    /// Weights for polynomials of `terms` terms.
    pub(super) fn new(grid: &Grid, terms: usize) -> Between {
        let type_ = terms - 1 - middle(terms);
        let mut distances = BTreeMap::new();
        let mut starts = vec![0];
        let mut bins = Vec::new();
        for sample in 0..grid.samples {
            for (bin, distance) in grid.nearest(sample) {
                let fresh = distances.len() as u32;
                bins.push((bin as u32, *distances.entry(distance).or_insert(fresh)));
            }
            starts.push(bins.len() as u32);
        }
        let mut by_weights: Vec<(u32, i64)> = distances.iter().map(|(&d, &w)| (w, d)).collect();
        by_weights.sort_unstable();
        let offsets: Vec<f64> = by_weights
            .iter()
            .map(|&(_, d)| 2.0 * PI * d as f64 / (grid.bins as f64 * grid.samples as f64))
            .collect();
        let kernel = |taps| Kernel::new(grid.samples, type_, taps);
        // More taps where fewer would be coarse; what is left is computed directly.
        let (taps, (weights, error)) = TAPS
            .into_iter()
            .filter(|&taps| taps <= grid.samples)
            .map(|taps| (taps, kernel(taps).weights(&offsets, taps)))
            .find(|(taps, (_, error))| *error < GOOD || *taps == TAPS[TAPS.len() - 1])
            .unwrap_or((1, (vec![1.0; offsets.len()], f64::INFINITY)));
        let demand = |&(_, distance): &(u32, i64)| {
            let factor = |distance| (1.0 / grid.fall(terms, distance)) as f32;
            let (middle, nearest) = (taps / 2, factor(distance));
            let beside = factor(grid.bins as i64 - distance.abs());
            // A bin at a sample has the power of that.
            let (beside, tap) = match distance.signum() {
                1 if beside < LEAST && taps > 1 => (beside, middle + 1),
                -1 if beside < LEAST && taps > 1 => (beside, middle - 1),
                _ => (nearest, middle),
            };
            Demand {
                nearest,
                beside,
                tap,
            }
        };
        Between {
            taps,
            starts,
            bins,
            weights,
            demands: by_weights.iter().map(demand).collect(),
            error,
        }
    }

    /// The ways to the bins nearest to a coarse sample.
    #[inline(always)]
    pub(super) fn around(&self, sample: usize) -> impl Iterator<Item = Way<'_>> {
        let range = self.starts[sample] as usize..self.starts[sample + 1] as usize;
        self.bins[range].iter().map(|&(bin, distance)| {
            let start = distance as usize * self.taps;
            Way {
                bin: bin as usize,
                weights: &self.weights[start..start + self.taps],
                demand: self.demands[distance as usize],
            }
        })
    }
}

const TAPS: [usize; 4] = [5, 7, 9, MOST_TAPS];

/// From this on, the factor of a demand excludes next to nothing.
const LEAST: f32 = 1e4;

/// The most taps of an interpolation.
pub(super) const MOST_TAPS: usize = 13;

const GOOD: f64 = 0.01;

/// The kernel of one choice of taps.
struct Kernel {
    /// `v_k` for `k = 0, 1, ...` up to the last that is not zero.
    spectrum: Vec<f64>,
    inverse: std::sync::Arc<dyn Fft<f64>>,
}

impl Kernel {
    fn new(samples: usize, type_: usize, taps: usize) -> Kernel {
        // The window reaches `reach` on either side of the edges at +-M/2.
        let reach = (samples / 2).saturating_sub(type_ + 1);
        // Its first zero falls on the outermost tap.
        let turns = PI * taps as f64 * reach as f64 / samples as f64;
        let shape = (turns * turns - PI * PI).max(0.0).sqrt();
        let window: Vec<f64> = (-(reach as i64)..=reach as i64)
            .map(|j| {
                let x = j as f64 / (reach + 1) as f64;
                bessel_i0(shape * (1.0 - x * x).sqrt())
            })
            .collect();
        let total: f64 = window.iter().sum();
        // v_k: the part of the window, centred at k, within +-M/2; at the edge itself counts half.
        let spectrum = (0..=samples / 2 + reach)
            .map(|k| {
                let inside: f64 = window
                    .iter()
                    .enumerate()
                    .map(|(j, w)| {
                        let at = 2 * (k as i64 + j as i64 - reach as i64).abs();
                        match at.cmp(&(samples as i64)) {
                            std::cmp::Ordering::Less => *w,
                            std::cmp::Ordering::Equal => 0.5 * w,
                            std::cmp::Ordering::Greater => 0.0,
                        }
                    })
                    .sum();
                inside / total
            })
            .collect();
        Kernel {
            spectrum,
            inverse: FftPlanner::new().plan_fft_inverse(samples),
        }
    }

    /// Weights of the taps for every offset, and the largest sum of what is left out.
    fn weights(&self, offsets: &[f64], taps: usize) -> (Vec<f32>, f64) {
        let samples = self.inverse.len();
        let mut weights = Vec::with_capacity(offsets.len() * taps);
        let mut error = 0.0_f64;
        for &offset in offsets {
            let mut all = vec![Complex::default(); samples];
            for (k, &v) in self.spectrum.iter().enumerate() {
                let turned = Complex::cis(k as f64 * offset) * v;
                all[k % samples] += turned;
                if k > 0 {
                    all[(samples - k % samples) % samples] += turned.conj();
                }
            }
            self.inverse.process(&mut all);
            // Element c is the weight of the sample c to the right; the offset's sign follows the
            // forward transform.
            let at = |t: i64| all[(-t).rem_euclid(samples as i64) as usize].re / samples as f64;
            let half = taps as i64 / 2;
            let near: Vec<f64> = (-half..taps as i64 - half).map(at).collect();
            let total: f64 = all.iter().map(|w| w.re.abs()).sum::<f64>() / samples as f64;
            error = error.max(total - near.iter().map(|w| w.abs()).sum::<f64>());
            weights.extend(near.iter().map(|&w| w as f32));
        }
        (weights, error)
    }
}

/// The modified Bessel function of order 0, by its power series.
fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..200 {
        term *= quarter / f64::from(k * k);
        sum += term;
        if term < 1e-17 * sum {
            break;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every frequency alone is interpolated within the bound (its supremum is 1).
    #[test]
    fn the_bound_on_the_error_holds() {
        for (bins, samples, terms) in [
            (1250, 250, 120),
            (1250, 256, 120),
            (97, 32, 10),
            (11, 10, 4),
        ] {
            let reach = terms / 2;
            let grid = Grid {
                samples,
                length: samples,
                ..Grid::every_bin(1, bins, 1)
            };
            let between = Between::new(&grid, terms);
            assert!(between.error < 0.05, "{samples}: {}", between.error);
            for frequency in -(reach as i64)..=reach as i64 {
                let wave = |turns: f64| Complex::cis(-2.0 * PI * turns * frequency as f64);
                for sample in 0..samples {
                    for Way { bin, weights, .. } in between.around(sample) {
                        let first = sample as f64 - (between.taps / 2) as f64;
                        let estimate: Complex<f64> = weights
                            .iter()
                            .enumerate()
                            .map(|(t, &w)| wave((first + t as f64) / samples as f64) * f64::from(w))
                            .sum();
                        let error = (estimate - wave(bin as f64 / bins as f64)).norm();
                        assert!(
                            error <= between.error + 1e-6,
                            "{samples} {frequency}: {error}"
                        );
                    }
                }
            }
        }
    }
}
