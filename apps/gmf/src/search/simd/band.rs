//! A band sampled coarsely.

use pulp::{Simd, WithSimd};

use super::blocks::Blocks;
use super::complex::{W, add, lanes, lanes_mut, mul, splat, turn};
use super::fourier::Fourier;
use super::grid::Grid;

/// The coarse transforms of all bands.
#[derive(Clone, Debug)]
pub(super) struct Bands {
    pub(super) grid: Grid,
    /// How many there are.
    pub(super) number: usize,
    fourier: Fourier,
    terms: usize,
    /// For every band, transform and term: `exp(-i mu theta)` at the transform's first angle, with the terms counted from the
    /// middle one (`mu = m - middle`): that leaves magnitudes as they are and samples that vary slowly.
    pub(super) twists: Vec<W>,
}

impl Bands {
    pub(super) fn new(grid: Grid, number: usize, terms: usize) -> Bands {
        let (transforms, samples) = (grid.transforms as i128, grid.samples as i128);
        let bins = (grid.bins * number) as i128;
        let middle = middle(terms) as i128;
        let twists = (0..number as i128)
            .flat_map(|band| (0..transforms).map(move |t| band * samples + t * bins))
            .flat_map(|angle| {
                (0..terms as i128).map(move |m| turn((m - middle) * angle, bins * samples))
            })
            .collect();
        Bands {
            fourier: Fourier::new(grid.length),
            grid,
            number,
            terms,
            twists,
        }
    }

    /// Floats of work space, for vectors of `lanes`.
    pub(super) fn work(&self, lanes: usize) -> usize {
        2 * lanes * self.grid.length
    }

    /// Samples one band of `pulses` (transformed across the pulses, in `blocks`): transform after transform in `samples`.
    #[inline(always)]
    pub(super) fn sample<S: Simd>(
        &self,
        simd: S,
        blocks: Blocks,
        pulses: &[f32],
        band: usize,
        work: &mut [f32],
        samples: &mut [f32],
    ) {
        let per_band = self.grid.transforms * self.terms;
        let twists = self.twists[band * per_band..].chunks_exact(self.terms);
        let transforms = samples.chunks_exact_mut(work.len());
        for (twists, samples) in twists.zip(transforms) {
            let (input, other) = if self.fourier.crosses() {
                (&mut *work, samples)
            } else {
                (samples, &mut *work)
            };
            simd.vectorize(Twist {
                blocks,
                pulses,
                band,
                twists,
                input,
            });
            self.fourier.run(simd, input, other, 1);
        }
    }
}

/// The term that counts as the middle one.
pub(super) fn middle(terms: usize) -> usize {
    (terms - 1) / 2
}

/// One band's terms times the twists, folded to the length of the transform.
struct Twist<'a> {
    blocks: Blocks,
    pulses: &'a [f32],
    band: usize,
    twists: &'a [W],
    input: &'a mut [f32],
}

impl WithSimd for Twist<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let pulses = lanes(simd, self.pulses);
        let input = lanes_mut(simd, self.input);
        let length = input.len();
        let terms = self.twists.len();
        // Term m belongs at (m - middle) modulo the length.
        let first = (length - middle(terms) % length) % length;
        let mut place = first;
        for block in self.blocks.iter() {
            let terms = &pulses[self.blocks.row(block, self.band)];
            let twists = &self.twists[block.first..block.first + block.width];
            for (i, (&term, &twist)) in terms.iter().zip(twists).enumerate() {
                let turned = mul(simd, term, splat(simd, twist));
                input[place] = if block.first + i < length {
                    turned
                } else {
                    add(simd, input[place], turned)
                };
                place += 1;
                if place == length {
                    place = 0;
                }
            }
        }
        let zero = splat(simd, [0.0; 2]);
        for _ in terms..length {
            input[place] = zero;
            place += 1;
            if place == length {
                place = 0;
            }
        }
    }
}
