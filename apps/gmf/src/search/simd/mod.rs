//! The fast exact search: one range gate per vector lane.
//!
//! The spectrum of `N = K' P` bins (`K'` inter-pulse periods of `P` decimated samples) of a signal
//! that is zero but for `K` pulses of `L` samples falls apart: with bin `f = q + K' s`,
//!
//! `X[q + K' s] = sum_(m < L) Y_q[m] exp(-2 pi i m f / N)`,
//! `Y_q[m] = sum_k x[k, m] exp(-2 pi i q k / K')`
//!
//! so one short transform across the pulses per sample (`pulses`) leaves `K'` *bands*, each the `P`
//! values of a polynomial of `L` terms. Each band is sampled just finely enough (`band`) to prove
//! where its largest bin can be (`grid`), the few places left are interpolated (`between`), and
//! what might still win is computed exactly (`scan`). The reported power is computed anew from the
//! winner in f64 (`winner`). The indices are those of the full search, but for powers that agree to
//! the rounding of f32.
//!
//! Everything works on one vector of gates at a time (16 with AVX-512, 8 with AVX2); phasors and
//! twiddles are the same for all lanes, so nothing is shuffled. No lane sees another: results do
//! not depend on which gates share a vector.

// Only what is inlined into a function compiled for a level is compiled for that level.
#![allow(clippy::inline_always)]

mod band;
mod best;
mod between;
mod butterfly;
mod complex;
mod echo;
mod fdpt;
mod fgmf;
mod fourier;
mod grid;
mod lag;
mod layout;
mod level;
mod pass;
mod pulses;
mod rows;
mod scale;
mod scan;
#[cfg(feature = "cuda")]
pub(crate) mod tables;
mod winner;

use aligned_vec::{AVec, ConstAlign, avec};
use pulp::{Simd, WithSimd};

use super::{Integration, Sample};
use crate::parameters::Parameters;
use crate::settings::{Method, Settings, ZeroFrequency};
use band::Bands;
use complex::W;
use echo::{Correlation, Echo};
use fdpt::Fdpt;
use fgmf::Fgmf;
use grid::Grid;
use layout::Layout;
pub use level::Level;
use scale::Scale;
use winner::Wide;

/// Vectors that begin on cache lines.
type Floats = AVec<f32, ConstAlign<64>>;

/// The tables, shared by all threads.
#[derive(Debug)]
pub(super) struct SimdSearch {
    level: Level,
    gates: usize,
    zero_frequency: ZeroFrequency,
    correlation: Correlation,
    layout: Layout,
    /// Turns from one pulse to the next.
    roots: Vec<Wide>,
    bins: usize,
    method: Estimator,
}

#[derive(Debug)]
enum Estimator {
    Fgmf(Box<Fgmf>),
    Fdpt(Box<Fdpt>),
}

/// How bands are sampled.
#[derive(Clone, Copy, Debug)]
struct Sampling {
    /// Gates in a vector.
    lanes: usize,
    /// Every bin, instead of as few samples as the bound allows.
    exhaustive: bool,
}

impl Sampling {
    fn grid(self, terms: usize, bins: usize) -> Grid {
        if self.exhaustive {
            Grid::every_bin(terms, bins, self.lanes)
        } else {
            Grid::cheapest(terms, bins, self.lanes)
        }
    }
}

/// What one thread needs.
#[derive(Clone, Debug)]
pub(super) struct Scratch {
    weights: Vec<[f64; 2]>,
    received: Vec<f64>,
    echo: Floats,
    /// The largest work space of the method.
    work: Work,
    /// The echoes of a few lanes, one after the other: real and imaginary parts.
    apart: (Vec<f32>, Vec<f32>),
    sums: Vec<f64>,
}

/// Work space of a search.
#[derive(Clone, Debug)]
pub(super) struct Work {
    /// Lag products.
    product: Floats,
    /// Phasors of every lane.
    factors: Floats,
    /// Phasors of one lane.
    row: Vec<W>,
    /// For the spectrum of range rates.
    space: Space,
    /// For that of the lag product.
    lines: Space,
}

/// Work space of a search through one spectrum.
#[derive(Clone, Debug)]
pub(super) struct Space {
    /// The pulses transformed.
    bands: Floats,
    /// Coarse samples of one band.
    samples: Floats,
    /// The largest powers of groups of them.
    peaks: Floats,
    /// What transforms need besides.
    work: Floats,
}

impl Space {
    /// Space for nothing.
    fn none() -> Space {
        Space {
            bands: floats(0),
            samples: floats(0),
            peaks: floats(0),
            work: floats(0),
        }
    }

    /// Space for these bands in vectors of `lanes`, and so many floats for the transform across
    /// pulses.
    fn new(bands: &Bands, pulses: usize, lanes: usize) -> Space {
        Space {
            bands: floats(2 * lanes * bands.number * bands.rows.length),
            samples: floats(2 * lanes * bands.grid.samples),
            peaks: floats(lanes * bands.peaks()),
            work: floats(bands.work(lanes).max(pulses)),
        }
    }
}

/// Where the largest power of a gate lies, and the phasors that lead there.
struct Found<'a> {
    acceleration: usize,
    bin: usize,
    factors: &'a [W],
}

impl SimdSearch {
    pub(super) fn new(
        parameters: &Parameters,
        settings: &Settings,
        level: Level,
        exhaustive: bool,
    ) -> SimdSearch {
        let sampling = Sampling {
            lanes: level.lanes(),
            exhaustive,
        };
        let layout = Layout {
            pulses: parameters.n_ipp,
            rows: parameters.n_ipp + parameters.ipp_offset,
            terms: parameters.decimated_pulse(),
        };
        SimdSearch {
            level,
            gates: parameters.ranges.len(),
            zero_frequency: settings.dc,
            correlation: Correlation::new(parameters),
            layout,
            roots: (0..layout.rows)
                .map(|k| winner::turn(k, layout.rows))
                .collect(),
            bins: parameters.decimated_read_length,
            method: match settings.gmf_method {
                Method::Fgmf | Method::NoReduce | Method::Optimize | Method::OptimizeGrid => {
                    Estimator::Fgmf(Box::new(Fgmf::new(parameters, layout, sampling)))
                }
                Method::Fdpt => {
                    let fdpt = Fdpt::new(parameters, settings, layout, sampling);
                    Estimator::Fdpt(Box::new(fdpt))
                }
            },
        }
    }

    pub(super) fn scratch(&self) -> Scratch {
        let lanes = self.level.lanes();
        let pulses = self.layout.pulses;
        let samples = self.correlation.weights(pulses);
        Scratch {
            weights: vec![[0.0; 2]; samples],
            received: vec![0.0; self.correlation.received(pulses)],
            echo: floats(2 * lanes * self.layout.len()),
            work: match &self.method {
                Estimator::Fgmf(fgmf) => fgmf.work(lanes),
                Estimator::Fdpt(fdpt) => fdpt.work(lanes),
            },
            apart: (
                vec![0.0; winner::TOGETHER * self.layout.used()],
                vec![0.0; winner::TOGETHER * self.layout.used()],
            ),
            sums: vec![0.0; 2 * self.layout.terms],
        }
    }

    /// Searches every gate. `weights` are the conjugate transmitted samples over their amplitude.
    pub(super) fn search(
        &self,
        weights: impl Iterator<Item = Sample>,
        rx: &[Sample],
        scratch: &mut Scratch,
        result: &mut Integration,
    ) {
        scratch.weights.clear();
        scratch
            .weights
            .extend(weights.map(|w| [f64::from(w.re), f64::from(w.im)]));
        self.correlation.arrange(rx, &mut scratch.received);
        self.level.run(Gates {
            search: self,
            scratch,
            result,
        });
    }
}

/// All gates of an integration.
struct Gates<'a> {
    search: &'a SimdSearch,
    scratch: &'a mut Scratch,
    result: &'a mut Integration,
}

impl WithSimd for Gates<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Gates {
            search,
            scratch,
            result,
        } = self;
        for gate in (0..search.gates).step_by(S::F32_LANES) {
            simd.vectorize(Echo {
                correlation: &search.correlation,
                layout: search.layout,
                weights: &scratch.weights,
                received: &scratch.received,
                gate,
                elements: &mut scratch.echo,
            });
            let used = S::F32_LANES.min(search.gates - gate);
            let exponents = simd.vectorize(Scale {
                values: &mut scratch.echo,
                used,
            });
            let best = match &search.method {
                Estimator::Fgmf(fgmf) => fgmf.search(simd, &scratch.echo, &mut scratch.work),
                Estimator::Fdpt(fdpt) => fdpt.search(simd, &scratch.echo, used, &mut scratch.work),
            };
            let length = search.layout.used();
            for (lane, exponent) in exponents.into_iter().take(used).enumerate() {
                let (re, im) = &mut scratch.apart;
                let place = lane % winner::TOGETHER * length;
                if place == 0 {
                    winner::take(&scratch.echo, S::F32_LANES, lane, re, im);
                }
                let (re, im) = (&re[place..place + length], &im[place..place + length]);
                let mut power = |factors: &[W], bin| {
                    simd.vectorize(winner::Power {
                        layout: search.layout,
                        echo: (re, im),
                        factors,
                        bin,
                        roots: &search.roots,
                        bins: search.bins,
                        work: &mut scratch.sums,
                    })
                };
                let unit = 2.0_f64.powi(2 * exponent);
                let still = match (&search.method, search.zero_frequency) {
                    (Estimator::Fgmf(fgmf), ZeroFrequency::FirstAcceleration) => {
                        power(fgmf.row(0), 0)
                    }
                    _ => simd.vectorize(winner::Sum(re, im)).norm_sqr(),
                };
                result.gmf_zero_frequency[gate + lane] = (still * unit) as f32;
                let found = match &search.method {
                    Estimator::Fgmf(fgmf) => fgmf.found(&best, lane),
                    Estimator::Fdpt(_) => Fdpt::found(&best, lane, &mut scratch.work, S::F32_LANES),
                };
                if let Some(found) = found {
                    let power = power(found.factors, found.bin) * unit;
                    // Infinite samples may lead here without a number at the end.
                    if power.is_finite() {
                        result.gmf[gate + lane] = power as f32;
                        result.range_rate_index[gate + lane] = found.bin as i32;
                        result.acceleration_index[gate + lane] = found.acceleration as i32;
                    }
                }
            }
        }
    }
}

fn floats(length: usize) -> Floats {
    avec!([64]| 0.0; length)
}
