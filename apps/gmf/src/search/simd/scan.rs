//! The largest power of a band.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::band::{Bands, middle};
use super::between::Between;
use super::blocks::Blocks;
use super::complex::{
    W, Z, any_at_least, lanes, mul_add, mul_real_add, numbers, power, splat, turn,
};
use super::level::WIDEST;

/// The best of every lane so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Best {
    /// The power there, in units of the scaled echo.
    power: [f32; WIDEST],
    /// Which acceleration.
    pub(super) acceleration: [usize; WIDEST],
    /// Which bin of the spectrum; `usize::MAX` where there is none.
    pub(super) bin: [usize; WIDEST],
}

impl Best {
    /// Nothing found yet. Only powers above zero are found, and echoes are scaled to a magnitude of about one: what is below this
    /// is the rounding of nothing.
    pub(super) fn none() -> Best {
        Best {
            power: [1e-30; WIDEST],
            acceleration: [0; WIDEST],
            bin: [usize::MAX; WIDEST],
        }
    }
}

/// What a search through bands looks for.
#[derive(Clone, Debug)]
pub(crate) struct Scan {
    pub(crate) between: Between,
    /// A coarse power below this part of the best cannot be near a better bin.
    pub(crate) kappa: f32,
    /// An interpolated power below this part of the best is none.
    pub(crate) tolerance: f32,
    /// Bins of the whole spectrum.
    pub(crate) bins: usize,
    /// `exp(-2 pi i k / bins)`.
    pub(crate) roots: Vec<W>,
    /// The bin of rank 0; ranks ascend cyclically. Of equal powers the lowest rank wins.
    pub(crate) first: usize,
    /// Only bins of these ranks are searched.
    pub(crate) wanted: Range<usize>,
}

impl Scan {
    pub(super) fn new(bands: &Bands, terms: usize, first: usize, wanted: Range<usize>) -> Scan {
        let grid = &bands.grid;
        let between = Between::new(grid, terms - 1 - middle(terms));
        let bins = grid.bins * bands.number;
        // The error is a part of the supremum, which exceeds the largest bin by no more than the scalloping.
        let tolerance = (1.0 - between.error / grid.scalloping).max(0.0);
        Scan {
            between,
            kappa: grid.kappa as f32,
            tolerance: (tolerance * tolerance * (1.0 - 1e-4)) as f32,
            bins,
            roots: (0..bins as i128).map(|k| turn(k, bins as i128)).collect(),
            first,
            wanted,
        }
    }

    /// The place of a bin in the order of preference.
    pub(super) fn rank(&self, bin: usize) -> usize {
        (bin + self.bins - self.first) % self.bins
    }
}

/// One band of one acceleration searched.
pub(super) struct Look<'a> {
    pub(super) scan: &'a Scan,
    pub(super) bands: &'a Bands,
    pub(super) blocks: Blocks,
    /// All bands, transformed across the pulses.
    pub(super) pulses: &'a [f32],
    /// This band's coarse samples.
    pub(super) samples: &'a [f32],
    pub(super) band: usize,
    pub(super) acceleration: usize,
    pub(super) best: &'a mut Best,
}

impl WithSimd for Look<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let samples = lanes(simd, self.samples);
        let grid = &self.bands.grid;
        for (t, transform) in samples.chunks_exact(grid.length).enumerate() {
            let mut enough = self.enough(simd);
            let (fives, rest) = transform.as_chunks::<5>();
            for (i, five) in fives.iter().enumerate() {
                let powers = five.map(
                    #[inline(always)]
                    |x| power(simd, x),
                );
                let most = simd.max_f32s(
                    simd.max_f32s(
                        simd.max_f32s(powers[0], powers[1]),
                        simd.max_f32s(powers[2], powers[3]),
                    ),
                    powers[4],
                );
                if any_at_least(simd, most, enough) {
                    for (j, power) in powers.into_iter().enumerate() {
                        if any_at_least(simd, power, enough) {
                            self.surroundings(simd, t + grid.transforms * (5 * i + j));
                            enough = self.enough(simd);
                        }
                    }
                }
            }
            for (j, &x) in rest.iter().enumerate() {
                if any_at_least(simd, power(simd, x), enough) {
                    self.surroundings(simd, t + grid.transforms * (5 * fives.len() + j));
                    enough = self.enough(simd);
                }
            }
        }
    }
}

impl Look<'_> {
    /// Coarse powers worth a closer look.
    #[inline(always)]
    fn enough<S: Simd>(&self, simd: S) -> S::f32s {
        simd.mul_f32s(self.best::<S>(), simd.splat_f32s(self.scan.kappa))
    }

    #[inline(always)]
    fn best<S: Simd>(&self) -> S::f32s {
        S::as_simd_f32s(&self.best.power).0[0]
    }

    #[inline(always)]
    fn surroundings<S: Simd>(&mut self, simd: S, sample: usize) {
        simd.vectorize(Surroundings { look: self, sample });
    }
}

/// The bins around one coarse sample.
struct Surroundings<'a, 'b> {
    look: &'b mut Look<'a>,
    sample: usize,
}

impl WithSimd for Surroundings<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let scan = self.look.scan;
        let grid = &self.look.bands.grid;
        let samples = lanes(simd, self.look.samples);
        let taps = scan.between.taps;
        let first = self.sample + grid.samples - taps / 2;
        for (bin, weights) in scan.between.around(self.sample) {
            let mut sum = splat(simd, [0.0; 2]);
            for (t, &weight) in weights.iter().enumerate() {
                let sample = (first + t) % grid.samples;
                let weight = simd.splat_f32s(weight);
                sum = mul_real_add(simd, samples[grid.place(sample)], weight, sum);
            }
            let enough = simd.mul_f32s(self.look.best::<S>(), simd.splat_f32s(scan.tolerance));
            let bin = self.look.band + self.look.bands.number * bin;
            if any_at_least(simd, power(simd, sum), enough) && scan.wanted.contains(&scan.rank(bin))
            {
                simd.vectorize(Exactly {
                    look: self.look,
                    bin,
                });
            }
        }
    }
}

/// One bin from its definition.
struct Exactly<'a, 'b> {
    look: &'b mut Look<'a>,
    bin: usize,
}

impl WithSimd for Exactly<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Exactly { look, bin } = self;
        let scan = look.scan;
        let pulses = lanes(simd, look.pulses);
        let mut sum: Z<S> = splat(simd, [0.0; 2]);
        let mut turns = 0;
        for block in look.blocks.iter() {
            for &term in &pulses[look.blocks.row(block, look.band)] {
                sum = mul_add(simd, term, splat(simd, scan.roots[turns]), sum);
                turns += bin;
                if turns >= scan.bins {
                    turns -= scan.bins;
                }
            }
        }
        let power = power(simd, sum);
        let best = look.best::<S>();
        if !any_at_least(simd, power, best) {
            return;
        }
        let best = &mut *look.best;
        for (lane, &power) in numbers::<S>(&power).iter().enumerate() {
            // Accelerations come in ascending order: of equal powers of two, the first stays.
            let wins = power > best.power[lane]
                || (power.to_bits() == best.power[lane].to_bits()
                    && look.acceleration == best.acceleration[lane]
                    && best.bin[lane] != usize::MAX
                    && scan.rank(bin) < scan.rank(best.bin[lane]));
            if wins {
                best.power[lane] = power;
                best.acceleration[lane] = look.acceleration;
                best.bin[lane] = bin;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use num_complex::Complex;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::search::simd::Level;
    use crate::search::simd::grid::Grid;
    use crate::search::simd::{Space, fgmf::search_bands, floats};

    /// One band-limited spectrum per lane, its pulses already transformed.
    struct Spectrum<'a> {
        bands: &'a Bands,
        blocks: Blocks,
        space: Space,
    }

    impl WithSimd for Spectrum<'_> {
        type Output = Best;

        fn with_simd<S: Simd>(mut self, simd: S) -> Best {
            let bins = self.bands.grid.bins * self.bands.number;
            let scan = Scan::new(self.bands, self.blocks.samples, 0, 0..bins);
            let mut best = Best::none();
            let (bands, blocks) = (self.bands, self.blocks);
            search_bands(simd, bands, &scan, blocks, 0, &mut self.space, &mut best);
            best
        }
    }

    /// Looks on every grid of every level through bands of so many terms and bins, filled element by element (term, lane).
    fn found_on_every_grid(
        (terms, bins, number): (usize, usize, usize),
        mut element: impl FnMut(usize, usize) -> [f32; 2],
    ) {
        for level in Level::available() {
            let lanes = level.lanes();
            for grid in Grid::all(terms, bins, lanes) {
                let blocks = Blocks::new(number, terms, number);
                let bands = Bands::new(grid, number, terms);
                let mut pulses = floats(2 * lanes * blocks.len());
                for m in 0..terms {
                    for q in 0..number {
                        for lane in 0..lanes {
                            let at = 2 * lanes * blocks.index(q, m) + lane;
                            [pulses[at], pulses[at + lanes]] = element(m, lane);
                        }
                    }
                }
                let best = level.run(Spectrum {
                    bands: &bands,
                    blocks,
                    space: Space {
                        bands: pulses.clone(),
                        samples: floats(2 * lanes * bands.grid.samples),
                        short: floats(bands.work(lanes)),
                    },
                });
                for lane in 0..lanes {
                    let power = |bin: usize| {
                        let terms = (0..terms).map(|m| {
                            let at = 2 * lanes * blocks.index(bin % number, m) + lane;
                            let turns = (m * bin) as f64 / (bins * number) as f64;
                            Complex::new(f64::from(pulses[at]), f64::from(pulses[at + lanes]))
                                * Complex::cis(-2.0 * std::f64::consts::PI * turns)
                        });
                        terms.sum::<Complex<f64>>().norm_sqr()
                    };
                    let most = (0..bins * number).map(power).fold(0.0, f64::max);
                    let found = power(best.bin[lane]);
                    assert!(
                        found >= most * (1.0 - 1e-5),
                        "{level} {:?} lane {lane}: bin {} has {found}, the largest {most}",
                        bands.grid,
                        best.bin[lane]
                    );
                }
            }
        }
    }

    /// Terms, bins and bands.
    const SHAPES: [(usize, usize, usize); 6] = [
        (1, 4, 3),
        (5, 11, 3),
        (8, 8, 2),
        (12, 125, 10),
        (7, 64, 1),
        (9, 97, 2),
    ];

    #[test]
    fn the_largest_bin_of_noise_is_found() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        for shape in SHAPES {
            found_on_every_grid(shape, |_, _| {
                [
                    random.random_range(-1.0..1.0),
                    random.random_range(-1.0..1.0),
                ]
            });
        }
    }

    /// Two terms as far apart as can be fall from their largest power as fast as the bound allows.
    #[test]
    fn the_largest_bin_of_the_steepest_band_is_found() {
        for phase in 0..5 {
            for (terms, bins, number) in SHAPES {
                found_on_every_grid((terms, bins, number), |m, lane| {
                    let angle = 0.08 * phase as f32 + 0.4 * lane as f32;
                    match m {
                        0 => [1.0, 0.0],
                        m if m == terms - 1 => [angle.cos(), angle.sin()],
                        _ => [0.0; 2],
                    }
                });
            }
        }
    }
}
