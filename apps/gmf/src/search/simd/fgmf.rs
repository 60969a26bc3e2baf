//! `fgmf`: every selected acceleration, every range rate.

use pulp::Simd;

use super::band::Bands;
use super::blocks::Blocks;
use super::complex::W;
use super::pulses::{Factors, Pulses};
use super::scan::{Best, Look, Scan};
use super::{Found, Sampling, Space, Work, floats};
use crate::parameters::Parameters;
use crate::search::phasor::Phasors;

#[derive(Debug)]
pub(super) struct Fgmf {
    pulses: Pulses,
    bands: Bands,
    scan: Scan,
    /// Phasors of the selected accelerations, row after row, each as the blocks have the elements.
    rows: Vec<W>,
    /// The first selected acceleration.
    first: usize,
}

impl Fgmf {
    pub(super) fn new(parameters: &Parameters, blocks: Blocks, sampling: Sampling) -> Fgmf {
        let number = parameters.n_ipp + parameters.ipp_offset;
        let terms = parameters.decimated_pulse();
        let grid = sampling.grid(terms, parameters.decimated_ipp());
        let bands = Bands::new(grid, number, terms);
        let phasors = Phasors::new(parameters);
        let mut rows = vec![[0.0; 2]; parameters.selected.len() * blocks.len()];
        let accelerations = &parameters.accelerations[parameters.selected.clone()];
        for (row, &acceleration) in rows.chunks_exact_mut(blocks.len()).zip(accelerations) {
            for (element, phasor) in phasors.row(acceleration).enumerate() {
                row[blocks.index(element / terms, element % terms)] = [phasor.re, phasor.im];
            }
        }
        Fgmf {
            scan: Scan::new(&bands, terms, 0, 0..parameters.decimated_read_length),
            pulses: Pulses::new(blocks, number),
            bands,
            rows,
            first: parameters.selected.start,
        }
    }

    pub(super) fn work(&self, lanes: usize) -> Work {
        Work {
            product: floats(0),
            row: Vec::new(),
            space: Space {
                bands: floats(2 * lanes * self.pulses.bands.len()),
                samples: floats(2 * lanes * self.bands.grid.samples),
                short: floats(self.bands.work(lanes).max(self.pulses.work(lanes))),
            },
        }
    }

    /// Phasors of a selected acceleration.
    pub(super) fn row(&self, index: usize) -> &[W] {
        let length = self.pulses.echo.len();
        &self.rows[index * length..(index + 1) * length]
    }

    #[inline(always)]
    pub(super) fn search<S: Simd>(&self, simd: S, echo: &[f32], work: &mut Work) -> Best {
        let space = &mut work.space;
        let mut best = Best::none();
        let rows = self.rows.chunks_exact(self.pulses.echo.len());
        for (acceleration, row) in rows.enumerate() {
            self.pulses.transform(
                simd,
                echo,
                Factors::Same(row),
                &mut space.short,
                &mut space.bands,
            );
            search_bands(
                simd,
                &self.bands,
                &self.scan,
                self.pulses.bands,
                acceleration,
                space,
                &mut best,
            );
        }
        best
    }

    pub(super) fn found(&self, best: &Best, lane: usize) -> Option<Found<'_>> {
        let (index, bin) = (best.acceleration[lane], best.bin[lane]);
        (bin != usize::MAX).then(|| Found {
            acceleration: self.first + index,
            bin,
            factors: self.row(index),
        })
    }
}

/// Searches all bands of transformed pulses.
#[inline(always)]
pub(super) fn search_bands<S: Simd>(
    simd: S,
    bands: &Bands,
    scan: &Scan,
    blocks: Blocks,
    acceleration: usize,
    space: &mut Space,
    best: &mut Best,
) {
    let short = &mut space.short[..bands.work(S::F32_LANES)];
    let samples = &mut space.samples[..2 * S::F32_LANES * bands.grid.samples];
    for band in 0..bands.number {
        bands.sample(simd, blocks, &space.bands, band, short, samples);
        simd.vectorize(Look {
            scan,
            bands,
            blocks,
            pulses: &space.bands,
            samples,
            band,
            acceleration,
            best,
        });
    }
}
