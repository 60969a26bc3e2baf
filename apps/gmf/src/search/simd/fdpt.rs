//! `fdpt`: the acceleration from the discrete polynomial transform, then every range rate.

use std::ops::Range;

use pulp::Simd;

use super::band::Bands;
use super::blocks::Blocks;
use super::fgmf::search_bands;
use super::grid::Grid;
use super::lag::{Chirp, Lag};
use super::pulses::{Factors, Pulses};
use super::scale::Scale;
use super::scan::{Best, Scan};
use super::{Found, Sampling, Space, Work, floats};
use crate::parameters::Parameters;
use crate::settings::Settings;

#[derive(Debug)]
pub(super) struct Fdpt {
    /// Pulses between the two that a lag product multiplies.
    lag: usize,
    lines: Spectrum,
    /// The accelerations searched: indices into the full vector.
    searched: Range<usize>,
    rates: Spectrum,
    chirp: Chirp,
    accelerations: Vec<f64>,
}

/// A search through one spectrum.
#[derive(Debug)]
struct Spectrum {
    pulses: Pulses,
    bands: Bands,
    scan: Scan,
}

impl Fdpt {
    pub(super) fn new(
        parameters: &Parameters,
        settings: &Settings,
        blocks: Blocks,
        sampling: Sampling,
    ) -> Fdpt {
        let number = parameters.n_ipp + parameters.ipp_offset;
        let terms = parameters.decimated_pulse();
        let (bins, ipp) = (parameters.decimated_read_length, parameters.decimated_ipp());
        let grid = sampling.grid(terms, ipp);
        // The lag is a whole number of IPPs, so whole pulses meet.
        let lag = parameters.dec_tau_samp / ipp;
        let (first, searched) = lines(parameters, settings);
        let line_grid = if settings.dpt_restrict {
            Grid::every_bin(terms, ipp, sampling.lanes)
        } else {
            grid.clone()
        };
        let spectrum = |grid, blocks, number, first, wanted| {
            let bands = Bands::new(grid, number, terms);
            Spectrum {
                pulses: Pulses::new(blocks, number),
                scan: Scan::new(&bands, terms, first, wanted),
                bands,
            }
        };
        let products = blocks.of_pulses(parameters.n_ipp - lag);
        Fdpt {
            lag,
            lines: spectrum(line_grid, products, number - lag, first, searched.clone()),
            searched,
            rates: spectrum(grid, blocks, number, 0, 0..bins),
            chirp: Chirp::new(parameters),
            accelerations: parameters.accelerations.clone(),
        }
    }

    pub(super) fn work(&self, lanes: usize) -> Work {
        let both = [&self.lines, &self.rates];
        let most = |size: &dyn Fn(&Spectrum) -> usize| {
            let sizes = both.map(size);
            sizes[0].max(sizes[1])
        };
        let echo = self.rates.pulses.echo.len();
        Work {
            product: floats(2 * lanes * echo),
            row: vec![[0.0; 2]; echo],
            space: Space {
                bands: floats(2 * lanes * most(&|s| s.pulses.bands.len())),
                samples: floats(2 * lanes * most(&|s| s.bands.grid.samples)),
                short: floats(most(&|s| s.bands.work(lanes).max(s.pulses.work(lanes)))),
            },
        }
    }

    #[inline(always)]
    pub(super) fn search<S: Simd>(
        &self,
        simd: S,
        echo: &[f32],
        used: usize,
        work: &mut Work,
    ) -> Best {
        let complex = 2 * S::F32_LANES;
        let blocks = self.rates.pulses.echo;
        let products = self.lines.pulses.echo.len() * complex;
        simd.vectorize(Lag {
            blocks,
            echo,
            distance: self.lag,
            product: &mut work.product[..products],
        });
        // Squares of lag products span more decades than f32 holds.
        simd.vectorize(Scale {
            values: &mut work.product[..products],
            used,
        });
        let mut lines = Best::none();
        let product = &work.product[..products];
        self.lines
            .search(simd, product, Factors::None, &mut work.space, &mut lines);

        for lane in 0..used {
            // Where no two pulses meet, all lines are zero and the first of them is the largest.
            let acceleration = match lines.bin[lane] {
                usize::MAX => self.searched.start,
                bin => self.lines.scan.rank(bin),
            };
            lines.acceleration[lane] = acceleration;
            self.chirp
                .row(self.accelerations[acceleration], blocks, &mut work.row);
            let factors = work.product.chunks_exact_mut(complex);
            for (factor, phasor) in factors.zip(&work.row) {
                factor[lane] = phasor[0];
                factor[S::F32_LANES + lane] = phasor[1];
            }
        }
        let mut best = Best::none();
        let factors = Factors::PerLane(&work.product);
        self.rates
            .search(simd, echo, factors, &mut work.space, &mut best);
        best.acceleration = lines.acceleration;
        best
    }

    pub(super) fn found<'a>(
        best: &Best,
        lane: usize,
        work: &'a mut Work,
        lanes: usize,
    ) -> Option<Found<'a>> {
        let Work { product, row, .. } = work;
        for (phasor, factor) in row.iter_mut().zip(product.chunks_exact(2 * lanes)) {
            *phasor = [factor[lane], factor[lanes + lane]];
        }
        (best.bin[lane] != usize::MAX).then_some(Found {
            acceleration: best.acceleration[lane],
            bin: best.bin[lane],
            factors: row,
        })
    }
}

/// The bin of the lag product's spectrum that is the lowest acceleration, and the accelerations searched.
pub(super) fn lines(parameters: &Parameters, settings: &Settings) -> (usize, Range<usize>) {
    let lines = parameters.accelerations.len();
    // The spectrum of ascending accelerations begins with its negative half.
    let first = lines.div_ceil(2) % lines;
    let searched = if settings.dpt_restrict {
        parameters.selected.clone()
    } else {
        0..lines
    };
    (first, searched)
}

impl Spectrum {
    #[inline(always)]
    fn search<S: Simd>(
        &self,
        simd: S,
        echo: &[f32],
        factors: Factors<'_>,
        space: &mut Space,
        best: &mut Best,
    ) {
        self.pulses
            .transform(simd, echo, factors, &mut space.short, &mut space.bands);
        search_bands(
            simd,
            &self.bands,
            &self.scan,
            self.pulses.bands,
            0,
            space,
            best,
        );
    }
}
