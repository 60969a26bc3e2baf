//! Where a band is sampled before it is searched, and which samples can be near its largest power.
//!
//! A *band* is every `bands`-th bin of the spectrum: with the pulses already combined, its `P` bins
//! are values of one polynomial `p(theta) = sum_m y_m exp(-i m theta)` of `L` terms at angles `2 pi
//! s / P` (plus a constant). `P` is often ten times `L`, so the polynomial is sampled coarsely, at
//! `M` angles, and only the surroundings of large samples are looked at more closely.
//!
//! Nothing is lost by that. Let `n = (L - 1) / 2`, `eps = n pi / P`. The largest of the `P` powers
//! is at least `cos(eps)^2` times the supremum of `|p|^2`, and the inequality of Bernstein and
//! Szegő (a real function of exponential type `n` falls from its supremum at most as fast as `cos(n
//! theta)`) then bounds how far `|p|` can have fallen at an angle `reach` away: the power there is
//! at least
//!
//! `kappa = (cos(n reach + eps) / cos(eps))^2`
//!
//! times that largest power. Every bin belongs to the coarse sample nearest to it, so a coarse
//! power below `kappa` times the best power known shows that none of its bins is the largest of
//! all. Coarse angles need not be bins: any `M` serves, which leaves the transform a comfortable
//! length whatever `P` is.

use std::f64::consts::PI;

use super::fourier;

/// A choice of coarse samples.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    /// Bins per band.
    pub(crate) bins: usize,
    /// Coarse samples per band: `transforms` times `length`.
    pub(crate) samples: usize,
    /// Coarse sample `c` is element `c / transforms` of transform `c % transforms`.
    pub(crate) transforms: usize,
    /// Length of each transform.
    pub(crate) length: usize,
    /// Lower bound on the power of a coarse sample over the power of the largest bin, when that bin
    /// is nearest to it.
    pub(crate) kappa: f64,
    /// Lower bound on the amplitude of the largest bin over the supremum of the band's polynomial.
    pub(crate) scalloping: f64,
}

impl Grid {
    /// The cheapest grid for polynomials of `terms` terms searched at `bins` angles.
    ///
    /// # Panics
    /// When there are more terms than bins.
    pub(super) fn cheapest(terms: usize, bins: usize, lanes: usize) -> Grid {
        cheapest(Grid::costs(terms, bins, lanes), bins)
    }

    /// The cheapest grid that has every bin: for searches restricted to some of the bins, where the
    /// bound does not hold.
    pub(super) fn every_bin(terms: usize, bins: usize, lanes: usize) -> Grid {
        let every = Grid::of(terms, bins, bins).into_iter();
        cheapest(every.flat_map(|grid| grid.splits(terms, lanes)), bins)
    }

    /// Every grid that serves, with its cost in vector instructions.
    fn costs(terms: usize, bins: usize, lanes: usize) -> impl Iterator<Item = (f64, Grid)> {
        assert!(terms <= bins, "a pulse is no longer than its IPP");
        let divisors = (1..=bins)
            .filter(move |r| bins.is_multiple_of(*r))
            .map(move |r| bins / r);
        // Awkward numbers of bins have no good divisor: any smooth number serves.
        let smooth = (terms..bins.min(4 * terms + 16)).filter(|&m| is_smooth(m));
        divisors
            .chain(smooth)
            .filter_map(move |samples| Grid::of(terms, bins, samples))
            .flat_map(move |grid| grid.splits(terms, lanes))
    }

    #[cfg(test)]
    pub(super) fn all(terms: usize, bins: usize, lanes: usize) -> impl Iterator<Item = Grid> {
        Grid::costs(terms, bins, lanes).map(|(_, grid)| grid)
    }

    /// A grid of so many samples; `None` where the bound says nothing.
    fn of(terms: usize, bins: usize, samples: usize) -> Option<Grid> {
        let n = (terms - 1) as f64 / 2.0;
        let eps = n * PI / bins as f64;
        // From a bin to the nearest sample, in turns times bins * samples: multiples of the
        // divisor, up to half the way between.
        let divisor = gcd(bins, samples);
        let farthest = bins / divisor / 2 * divisor;
        let reach = 2.0 * PI * farthest as f64 / (bins as f64 * samples as f64);
        let angle = if farthest == 0 { eps } else { n * reach + eps };
        (farthest == 0 || angle < 1.3).then_some(Grid {
            bins,
            samples,
            transforms: 1,
            length: samples,
            kappa: fall(n * reach, eps),
            scalloping: eps.cos(),
        })
    }

    /// Lower bound on the power at a distance (in turns times `bins * samples`) from the largest
    /// bin, over the power there, for polynomials of `terms` terms.
    pub(super) fn fall(&self, terms: usize, distance: i64) -> f64 {
        let n = (terms - 1) as f64 / 2.0;
        let reach = 2.0 * PI * distance as f64 / (self.bins as f64 * self.samples as f64);
        fall(n * reach.abs(), n * PI / self.bins as f64)
    }

    /// This grid computed by transforms of every possible length, each with its cost in vector
    /// instructions.
    fn splits(self, terms: usize, lanes: usize) -> impl Iterator<Item = (f64, Grid)> {
        let lengths = (1..=self.samples).filter(move |length| self.samples.is_multiple_of(*length));
        // In noise the best of some ten thousand cells is about ten times the mean power, and the
        // powers are distributed exponentially.
        let hits = lanes as f64 * self.samples as f64 * (-self.kappa * 10.0).exp();
        let around = self.bins as f64 / self.samples as f64;
        lengths.map(move |length| {
            let transforms = self.samples / length;
            let cost = transforms as f64 * (fourier::cost(length) + 8.0 * terms as f64)
                + 6.0 * self.samples as f64
                + hits * (30.0 + 16.0 * around);
            let grid = Grid {
                transforms,
                length,
                ..self.clone()
            };
            (cost, grid)
        })
    }

    /// The bins nearest to a coarse sample, each with its distance from it in turns times
    /// `bins * samples`.
    pub(super) fn nearest(&self, sample: usize) -> impl Iterator<Item = (usize, i64)> + use<> {
        let (bins, samples) = (self.bins as i64, self.samples as i64);
        let centre = sample as i64 * bins;
        // Half-way bins belong to the higher sample: -bins <= 2 d < bins, and
        // d = bin * samples - centre.
        let start = (2 * centre - bins + 2 * samples - 1).div_euclid(2 * samples);
        let end = (2 * centre + bins + 2 * samples - 1).div_euclid(2 * samples);
        (start..end).map(move |bin| (bin.rem_euclid(bins) as usize, bin * samples - centre))
    }
}

/// The grid of least cost; failing any, one transform of all bins.
fn cheapest(grids: impl Iterator<Item = (f64, Grid)>, bins: usize) -> Grid {
    let least = grids.min_by(|a, b| a.0.total_cmp(&b.0));
    least.map_or(
        Grid {
            bins,
            samples: bins,
            transforms: 1,
            length: bins,
            kappa: 1.0 - MARGIN,
            scalloping: 1.0,
        },
        |(_, grid)| grid,
    )
}

/// Lower bound on the power where a polynomial's phase is so far from its largest bin, over the
/// power of that bin; the largest power of all is no further than `eps` from it.
fn fall(phase: f64, eps: f64) -> f64 {
    let cosine = (phase + eps).min(PI / 2.0).cos();
    (cosine / eps.cos()).powi(2) * (1.0 - MARGIN)
}

/// For rounding in f32.
const MARGIN: f64 = 1e-4;

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn is_smooth(number: usize) -> bool {
    let mut rest = number;
    for factor in [2, 3, 5, 7] {
        while rest.is_multiple_of(factor) {
            rest /= factor;
        }
    }
    rest == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bin_is_nearest_to_one_sample_within_reach() {
        for (bins, samples) in [
            (1250, 250),
            (1250, 256),
            (12, 6),
            (11, 10),
            (11, 11),
            (7, 3),
            (1, 1),
        ] {
            let grid = Grid {
                samples,
                ..Grid::every_bin(1, bins, 1)
            };
            let divisor = gcd(bins, samples);
            let farthest = (bins / divisor / 2 * divisor) as i64;
            let mut found: Vec<usize> = (0..samples)
                .flat_map(|sample| grid.nearest(sample))
                .map(|(bin, distance)| {
                    assert!(distance.abs() <= farthest, "{bins} {samples}");
                    bin
                })
                .collect();
            found.sort_unstable();
            assert!(found.into_iter().eq(0..bins), "{bins} {samples}");
        }
    }

    #[test]
    fn the_reference_radar_is_sampled_at_every_fifth_bin() {
        let grid = Grid::cheapest(120, 1250, 16);
        assert_eq!((grid.samples, grid.transforms, grid.length), (250, 2, 125));
        assert!((grid.kappa - 0.550).abs() < 1e-3);
    }
}
