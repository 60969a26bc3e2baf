//! The largest power of a band.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::band::Bands;
use super::best::Best;
use super::between::{Between, MOST_TAPS, Way};
use super::complex::{W, Z, any_at_least, fused, lanes, mul_real_add, numbers, power, splat, turn};

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
        let between = Between::new(grid, terms);
        let bins = grid.bins * bands.number;
        // The error is a part of the supremum, which exceeds the largest bin by no more than the
        // scalloping.
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
    /// This band's terms.
    pub(super) row: &'a [f32],
    /// This band's coarse samples.
    pub(super) samples: &'a [f32],
    /// The largest power of each group of them.
    pub(super) peaks: &'a [f32],
    pub(super) band: usize,
    pub(super) acceleration: usize,
    pub(super) best: &'a mut Best,
}

impl WithSimd for Look<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let samples = lanes(simd, self.samples);
        let group = self.bands.group();
        let mut enough = self.enough(simd);
        for (number, &peak) in S::as_simd_f32s(self.peaks).0.iter().enumerate() {
            if any_at_least(simd, peak, enough) {
                let first = number * group;
                for (i, &sample) in samples[first..first + group].iter().enumerate() {
                    if any_at_least(simd, power(simd, sample), enough) {
                        let sample = self.bands.sample_at(first + i);
                        simd.vectorize(Surroundings {
                            look: &mut self,
                            sample,
                        });
                        enough = self.enough(simd);
                    }
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
        let bands = self.look.bands;
        let samples = lanes(simd, self.look.samples);
        // Where the taps lie.
        let mut near = [0; MOST_TAPS];
        let near = &mut near[..scan.between.taps];
        let most = bands.grid.samples;
        let mut sample = (self.sample + most - near.len() / 2) % most;
        for near in near.iter_mut() {
            *near = bands.place(sample);
            sample = if sample + 1 == most { 0 } else { sample + 1 };
        }
        let nearest = power(simd, samples[near[near.len() / 2]]);
        for Way {
            bin,
            weights,
            demand,
        } in scan.between.around(self.sample)
        {
            let beside = power(simd, samples[near[demand.tap]]);
            let most = simd.min_f32s(
                simd.mul_f32s(nearest, simd.splat_f32s(demand.nearest)),
                simd.mul_f32s(beside, simd.splat_f32s(demand.beside)),
            );
            if !any_at_least(simd, most, self.look.best::<S>()) {
                continue;
            }
            let mut sum = splat(simd, [0.0; 2]);
            for (&place, &weight) in near.iter().zip(weights) {
                sum = mul_real_add(simd, samples[place], simd.splat_f32s(weight), sum);
            }
            let enough = simd.mul_f32s(self.look.best::<S>(), simd.splat_f32s(scan.tolerance));
            let bin = self.look.band + bands.number * bin;
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
        let row = lanes(simd, look.row);
        // Four sums side by side: one alone would wait for every addition.
        let mut straight: Z<S> = splat(simd, [0.0; 2]);
        let mut crossed = straight;
        let mut turns = 0;
        for (terms, place) in look.bands.rows.runs() {
            for &term in &row[place..place + terms.len()] {
                let [c, s] = splat(simd, scan.roots[turns]);
                straight = [
                    fused(simd, term[0], c, straight[0]),
                    fused(simd, term[1], s, straight[1]),
                ];
                crossed = [
                    fused(simd, term[0], s, crossed[0]),
                    fused(simd, term[1], c, crossed[1]),
                ];
                turns += bin;
                if turns >= scan.bins {
                    turns -= scan.bins;
                }
            }
        }
        let sum = [
            simd.sub_f32s(straight[0], straight[1]),
            simd.add_f32s(crossed[0], crossed[1]),
        ];
        let power = power(simd, sum);
        let best = look.best::<S>();
        if !any_at_least(simd, power, best) {
            return;
        }
        for (lane, &power) in numbers::<S>(&power).iter().enumerate() {
            look.best.improve(scan, lane, power, look.acceleration, bin);
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
    use crate::search::simd::{Space, fgmf::search_bands};

    /// One band-limited spectrum per lane, its pulses already transformed.
    struct Spectrum<'a> {
        bands: &'a Bands,
        space: Space,
    }

    impl WithSimd for Spectrum<'_> {
        type Output = Best;

        fn with_simd<S: Simd>(mut self, simd: S) -> Best {
            let bins = self.bands.grid.bins * self.bands.number;
            let scan = Scan::new(self.bands, self.bands.rows.terms, 0, 0..bins);
            let mut best = Best::none();
            search_bands(simd, self.bands, &scan, 0, &mut self.space, &mut best);
            best
        }
    }

    /// Looks on every grid of every level through bands of so many terms and bins, filled element
    /// by element (term, lane).
    fn found_on_every_grid(
        (terms, bins, number): (usize, usize, usize),
        mut element: impl FnMut(usize, usize) -> [f32; 2],
    ) {
        for level in Level::available() {
            let lanes = level.lanes();
            for grid in Grid::all(terms, bins, lanes) {
                let bands = Bands::new(grid, number, terms);
                let mut space = Space::new(&bands, 0, lanes);
                let at = |q: usize, m: usize| {
                    let mut runs = bands.rows.runs().into_iter();
                    let (run, place) = runs.find(|(run, _)| run.contains(&m)).unwrap();
                    2 * lanes * (q * bands.rows.length + place + m - run.start)
                };
                for m in 0..terms {
                    for q in 0..number {
                        for lane in 0..lanes {
                            let at = at(q, m) + lane;
                            [space.bands[at], space.bands[at + lanes]] = element(m, lane);
                        }
                    }
                }
                let best = level.run(Spectrum {
                    bands: &bands,
                    space: space.clone(),
                });
                for lane in 0..lanes {
                    let power = |bin: usize| {
                        let terms = (0..terms).map(|m| {
                            let at = at(bin % number, m) + lane;
                            let turns = (m * bin) as f64 / (bins * number) as f64;
                            let (re, im) = (space.bands[at], space.bands[at + lanes]);
                            Complex::new(f64::from(re), f64::from(im))
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
