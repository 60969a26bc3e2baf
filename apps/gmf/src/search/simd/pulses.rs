//! The pulses of an echo combined: one Fourier transform across them for every decimated sample.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::blocks::Blocks;
use super::complex::{W, lanes, lanes_mut, mul, splat};
use super::fourier::Fourier;

/// The transform across pulses, of as many pulses as there are bands.
#[derive(Clone, Debug)]
pub(super) struct Pulses {
    fourier: Fourier,
    /// The elements as they come.
    pub(super) echo: Blocks,
    /// The elements transformed: row `q` is band `q`.
    pub(super) bands: Blocks,
}

impl Pulses {
    pub(super) fn new(echo: Blocks, bands: usize) -> Pulses {
        Pulses {
            fourier: Fourier::new(bands),
            echo,
            bands: echo.of_pulses(bands),
        }
    }

    /// Floats of work space, for vectors of `lanes`.
    pub(super) fn work(&self, lanes: usize) -> usize {
        2 * lanes * self.bands.largest()
    }

    /// Transforms `echo` times `factors` across the pulses into `bands`.
    #[inline(always)]
    pub(super) fn transform<S: Simd>(
        &self,
        simd: S,
        echo: &[f32],
        factors: Factors<'_>,
        work: &mut [f32],
        bands: &mut [f32],
    ) {
        let complex = 2 * S::F32_LANES;
        for block in self.echo.iter() {
            let source = self.echo.range(block);
            let target = self.bands.range(block);
            let work = &mut work[..target.len() * complex];
            let echo = &echo[source.start * complex..source.end * complex];
            let bands = &mut bands[target.start * complex..target.end * complex];
            let (input, other) = if self.fourier.crosses() {
                (work, bands)
            } else {
                (bands, work)
            };
            simd.vectorize(Product {
                echo,
                factors: factors.part(source, complex),
                into: input,
            });
            self.fourier.run(simd, input, other, block.width);
        }
    }
}

/// What the elements are multiplied with before they are combined, one factor per element.
#[derive(Clone, Copy)]
pub(super) enum Factors<'a> {
    /// Nothing.
    None,
    /// The same for all lanes.
    Same(&'a [W]),
    /// Another for every lane.
    PerLane(&'a [f32]),
}

impl Factors<'_> {
    /// The factors of some of the elements, of so many floats each.
    #[inline(always)]
    fn part(self, elements: Range<usize>, complex: usize) -> Self {
        match self {
            Factors::None => Factors::None,
            Factors::Same(factors) => Factors::Same(&factors[elements]),
            Factors::PerLane(factors) => {
                Factors::PerLane(&factors[elements.start * complex..elements.end * complex])
            }
        }
    }
}

/// Echo times factors; zeros where there is no pulse.
struct Product<'a> {
    echo: &'a [f32],
    factors: Factors<'a>,
    into: &'a mut [f32],
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let echo = lanes(simd, self.echo);
        let (product, empty) = lanes_mut(simd, self.into).split_at_mut(echo.len());
        match self.factors {
            Factors::None => product.copy_from_slice(echo),
            Factors::Same(factors) => {
                for ((product, &echo), &factor) in product.iter_mut().zip(echo).zip(factors) {
                    *product = mul(simd, echo, splat(simd, factor));
                }
            }
            Factors::PerLane(factors) => {
                let factors = lanes(simd, factors);
                for ((product, &echo), &factor) in product.iter_mut().zip(echo).zip(factors) {
                    *product = mul(simd, echo, factor);
                }
            }
        }
        empty.fill(splat(simd, [0.0; 2]));
    }
}
