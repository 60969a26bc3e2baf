//! `fdpt`: the acceleration from the discrete polynomial transform, then every range rate.

use std::ops::Range;

use pulp::Simd;

use super::band::Bands;
use super::best::Best;
use super::fgmf::search_bands;
use super::grid::Grid;
use super::lag::{Chirp, Lag};
use super::layout::Layout;
use super::pulses::{Factors, Pulses};
use super::scale::Scale;
use super::scan::Scan;
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
        echo: Layout,
        sampling: Sampling,
    ) -> Fdpt {
        let (bins, ipp) = (parameters.decimated_read_length, parameters.decimated_ipp());
        let grid = sampling.grid(echo.terms, ipp);
        // The lag is a whole number of IPPs, so whole pulses meet.
        let lag = parameters.dec_tau_samp / ipp;
        let (first, searched) = lines(parameters, settings);
        let line_grid = if settings.dpt_restrict {
            Grid::every_bin(echo.terms, ipp, sampling.lanes)
        } else {
            grid.clone()
        };
        let spectrum = |grid, layout: Layout, first, wanted| {
            let bands = Bands::new(grid, layout.rows, layout.terms);
            Spectrum {
                pulses: Pulses::new(layout, bands.rows),
                scan: Scan::new(&bands, layout.terms, first, wanted),
                bands,
            }
        };
        let products = Layout {
            pulses: echo.pulses - lag,
            rows: echo.rows - lag,
            ..echo
        };
        Fdpt {
            lag,
            lines: spectrum(line_grid, products, first, searched.clone()),
            searched,
            rates: spectrum(grid, echo, 0, 0..bins),
            chirp: Chirp::new(parameters),
            accelerations: parameters.accelerations.clone(),
        }
    }

    pub(super) fn work(&self, lanes: usize) -> Work {
        let echo = self.rates.pulses.echo.len();
        Work {
            product: floats(2 * lanes * self.lines.pulses.echo.len()),
            factors: floats(2 * lanes * echo),
            row: vec![[0.0; 2]; echo],
            space: self.rates.space(lanes),
            lines: self.lines.space(lanes),
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
        let layout = self.rates.pulses.echo;
        simd.vectorize(Lag {
            layout,
            echo,
            distance: self.lag,
            product: &mut work.product,
        });
        // Squares of lag products span more decades than f32 holds.
        simd.vectorize(Scale {
            values: &mut work.product,
            used,
        });
        let mut lines = Best::none();
        self.lines.search(
            simd,
            &work.product,
            Factors::None,
            &mut work.lines,
            &mut lines,
        );

        for lane in 0..used {
            // Where no two pulses meet, all lines are zero and the first of them is the largest.
            let acceleration = match lines.bin[lane] {
                usize::MAX => self.searched.start,
                bin => self.lines.scan.rank(bin),
            };
            lines.acceleration[lane] = acceleration;
            self.chirp
                .row(self.accelerations[acceleration], layout, &mut work.row);
            let factors = work.factors.chunks_exact_mut(complex);
            for (factor, phasor) in factors.zip(&work.row) {
                factor[lane] = phasor[0];
                factor[S::F32_LANES + lane] = phasor[1];
            }
        }
        let mut best = Best::none();
        let factors = Factors::PerLane(&work.factors);
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
        let Work { factors, row, .. } = work;
        for (phasor, factor) in row.iter_mut().zip(factors.chunks_exact(2 * lanes)) {
            *phasor = [factor[lane], factor[lanes + lane]];
        }
        (best.bin[lane] != usize::MAX).then_some(Found {
            acceleration: best.acceleration[lane],
            bin: best.bin[lane],
            factors: row,
        })
    }
}

/// The bin of the lag product's spectrum that is the lowest acceleration, and the accelerations
/// searched.
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
    fn space(&self, lanes: usize) -> Space {
        Space::new(&self.bands, self.pulses.work(lanes), lanes)
    }

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
            .transform(simd, echo, factors, &mut space.work, &mut space.bands);
        search_bands(simd, &self.bands, &self.scan, 0, space, best);
    }
}
