//! The pulses of an echo combined: one Fourier transform across them for every decimated sample.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::butterfly::{self, coprime};
use super::complex::{W, Z, lanes, lanes_mut, mul, splat, turn};
use super::fourier::Fourier;
use super::layout::Layout;
use super::rows::BandRows;

/// The transform across pulses, of as many pulses as there are bands.
#[derive(Clone, Debug)]
pub(super) struct Pulses {
    fourier: Fourier,
    roots: Roots,
    /// The elements as they come; the transform spans its rows.
    pub(super) echo: Layout,
    rows: BandRows,
}

/// Roots of unity of the factors 3, 5 and 7: `exp(-2 pi i k / factor)`.
#[derive(Clone, Debug)]
struct Roots([Vec<W>; 3]);

impl Roots {
    fn new() -> Roots {
        Roots([3, 5, 7].map(|factor| (0..factor).map(|k| turn(k, factor)).collect()))
    }
}

/// Numbers of pulses that are transformed in registers.
fn in_registers(rows: usize) -> bool {
    matches!(rows, 1..=7 | 10 | 12 | 14 | 15)
}

impl Pulses {
    /// Complex lanes of a block of several passes, about: 12 KiB with AVX-512.
    const TARGET: usize = 96;

    pub(super) fn new(echo: Layout, rows: BandRows) -> Pulses {
        Pulses {
            fourier: Fourier::new(echo.rows),
            roots: Roots::new(),
            echo,
            rows,
        }
    }

    /// Samples that are transformed together where that takes several passes.
    fn width(&self) -> usize {
        (Self::TARGET / self.echo.rows).clamp(1, self.echo.terms)
    }

    /// Floats of work space, for vectors of `lanes`.
    pub(super) fn work(&self, lanes: usize) -> usize {
        2 * lanes * (self.echo.rows * self.width() + self.fourier.spare())
    }

    /// Transforms `echo` times `factors` across the pulses into the rows of `bands`.
    #[inline(always)]
    pub(super) fn transform<S: Simd>(
        &self,
        simd: S,
        echo: &[f32],
        factors: Factors<'_>,
        work: &mut [f32],
        bands: &mut [f32],
    ) {
        match factors {
            Factors::None => self.of(simd, (echo, Plain), work, bands),
            Factors::Same(factors) => self.of(simd, (echo, Same(factors)), work, bands),
            Factors::PerLane(factors) => self.of(simd, (echo, PerLane(factors)), work, bands),
        }
    }

    #[inline(always)]
    fn of<S: Simd>(
        &self,
        simd: S,
        source: (&[f32], impl Factor),
        work: &mut [f32],
        bands: &mut [f32],
    ) {
        if in_registers(self.echo.rows) {
            simd.vectorize(AtOnce {
                pulses: self,
                source,
                bands,
            });
        } else {
            simd.vectorize(InPasses {
                pulses: self,
                source,
                work,
                bands,
            });
        }
        let bands = lanes_mut(simd, bands);
        for row in bands.chunks_exact_mut(self.rows.length) {
            row[self.rows.gap()].fill(splat(simd, [0.0; 2]));
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

/// A kind of factors.
trait Factor: Copy {
    /// The factors of some elements.
    fn part(self, lanes: usize, elements: Range<usize>) -> Self;

    /// An element times its factor.
    fn times<S: Simd>(self, simd: S, element: Z<S>, index: usize) -> Z<S>;
}

#[derive(Clone, Copy)]
struct Plain;

impl Factor for Plain {
    #[inline(always)]
    fn part(self, _: usize, _: Range<usize>) -> Self {
        self
    }

    #[inline(always)]
    fn times<S: Simd>(self, _: S, element: Z<S>, _: usize) -> Z<S> {
        element
    }
}

#[derive(Clone, Copy)]
struct Same<'a>(&'a [W]);

impl Factor for Same<'_> {
    #[inline(always)]
    fn part(self, _: usize, elements: Range<usize>) -> Self {
        Same(&self.0[elements])
    }

    #[inline(always)]
    fn times<S: Simd>(self, simd: S, element: Z<S>, index: usize) -> Z<S> {
        mul(simd, element, splat(simd, self.0[index]))
    }
}

#[derive(Clone, Copy)]
struct PerLane<'a>(&'a [f32]);

impl Factor for PerLane<'_> {
    #[inline(always)]
    fn part(self, lanes: usize, elements: Range<usize>) -> Self {
        PerLane(&self.0[2 * lanes * elements.start..2 * lanes * elements.end])
    }

    #[inline(always)]
    fn times<S: Simd>(self, simd: S, element: Z<S>, index: usize) -> Z<S> {
        mul(simd, element, lanes(simd, self.0)[index])
    }
}

/// All pulses of a sample at once.
struct AtOnce<'a, F> {
    pulses: &'a Pulses,
    source: (&'a [f32], F),
    bands: &'a mut [f32],
}

impl<F: Factor> WithSimd for AtOnce<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        macro_rules! of {
            ($x:ident, $butterfly:expr) => {
                self.columns(
                    simd,
                    #[inline(always)]
                    |$x| $butterfly,
                )
            };
        }
        let Roots([three, five, seven]) = &self.pulses.roots;
        let three = &butterfly::roots::<S, 3>(simd, three);
        let five = &butterfly::roots::<S, 5>(simd, five);
        let seven = &butterfly::roots::<S, 7>(simd, seven);
        macro_rules! two {
            () => {
                #[inline(always)]
                |x| butterfly::two(simd, x)
            };
        }
        macro_rules! four {
            () => {
                #[inline(always)]
                |x| butterfly::four(simd, x)
            };
        }
        macro_rules! odd {
            ($roots:ident) => {
                #[inline(always)]
                |x| butterfly::odd(simd, x, $roots)
            };
        }
        match self.pulses.echo.rows {
            1 => of!(x, {
                let x: [Z<S>; 1] = x;
                x
            }),
            2 => of!(x, butterfly::two(simd, x)),
            3 => of!(x, butterfly::odd(simd, x, three)),
            4 => of!(x, butterfly::four(simd, x)),
            5 => of!(x, butterfly::odd(simd, x, five)),
            6 => of!(x, coprime::<S, 2, 3, 6>(x, two!(), odd!(three))),
            7 => of!(x, butterfly::odd(simd, x, seven)),
            10 => of!(x, coprime::<S, 2, 5, 10>(x, two!(), odd!(five))),
            12 => of!(x, coprime::<S, 4, 3, 12>(x, four!(), odd!(three))),
            14 => of!(x, coprime::<S, 2, 7, 14>(x, two!(), odd!(seven))),
            _ => of!(x, coprime::<S, 3, 5, 15>(x, odd!(three), odd!(five))),
        }
    }
}

impl<F: Factor> AtOnce<'_, F> {
    #[inline(always)]
    fn columns<S: Simd, const N: usize>(self, simd: S, butterfly: impl Fn([Z<S>; N]) -> [Z<S>; N]) {
        let Pulses {
            echo: layout, rows, ..
        } = self.pulses;
        let (echo, factors) = self.source;
        let echo = lanes(simd, echo);
        let bands = lanes_mut(simd, self.bands);
        for (terms, place) in rows.runs() {
            let columns = terms.len();
            let inputs: [(&[Z<S>], F); N] = std::array::from_fn(
                #[inline(always)]
                |k| {
                    let start = k * layout.terms + terms.start;
                    let elements = start..start + columns;
                    (
                        &echo[elements.clone()],
                        factors.part(S::F32_LANES, elements),
                    )
                },
            );
            let mut rest = bands.chunks_exact_mut(rows.length);
            let outputs: [&mut [Z<S>]; N] = std::array::from_fn(
                #[inline(always)]
                |_| &mut rest.next().unwrap_or_default()[place..place + columns],
            );
            for i in 0..columns {
                let mut x = [splat(simd, [0.0; 2]); N];
                for k in 0..N {
                    let (echo, factors) = inputs[k];
                    x[k] = factors.times(simd, echo[i], i);
                }
                let y = butterfly(x);
                for k in 0..N {
                    outputs[k][i] = y[k];
                }
            }
        }
    }
}

/// A few samples at a time, in a work space that stays in the nearest cache.
struct InPasses<'a, F> {
    pulses: &'a Pulses,
    source: (&'a [f32], F),
    work: &'a mut [f32],
    bands: &'a mut [f32],
}

impl<F: Factor> WithSimd for InPasses<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Pulses {
            fourier,
            echo: layout,
            rows,
            ..
        } = self.pulses;
        let (echo, factors) = self.source;
        let echo = lanes(simd, echo);
        let complex = 2 * S::F32_LANES;
        let all = layout.rows * self.pulses.width() * complex;
        let (work, spare) = self.work.split_at_mut(all);
        for (terms, place) in rows.runs() {
            for first in terms.clone().step_by(self.pulses.width()) {
                let width = self.pulses.width().min(terms.end - first);
                let work = &mut work[..layout.rows * width * complex];
                for (k, row) in lanes_mut(simd, work).chunks_exact_mut(width).enumerate() {
                    let start = k * layout.terms + first;
                    let elements = start..start + width;
                    let factors = factors.part(S::F32_LANES, elements.clone());
                    for (i, (product, &echo)) in row.iter_mut().zip(&echo[elements]).enumerate() {
                        *product = factors.times(simd, echo, i);
                    }
                }
                fourier.run(simd, work, spare, width);
                let work = lanes(simd, work);
                let bands = lanes_mut(simd, self.bands);
                for (row, &from) in bands.chunks_exact_mut(rows.length).zip(&fourier.places) {
                    let to = place + first - terms.start;
                    let from = from as usize * width;
                    row[to..to + width].copy_from_slice(&work[from..from + width]);
                }
            }
        }
    }
}
