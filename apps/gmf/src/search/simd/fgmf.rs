//! `fgmf`: every selected acceleration, every range rate.

use pulp::Simd;

use super::band::Bands;
use super::best::Best;
use super::complex::W;
use super::layout::Layout;
use super::pulses::{Factors, Pulses};
use super::scan::{Look, Scan};
use super::{Found, Sampling, Space, Work, floats};
use crate::parameters::Parameters;
use crate::search::phasor::Phasors;

#[derive(Debug)]
pub(super) struct Fgmf {
    pulses: Pulses,
    bands: Bands,
    scan: Scan,
    /// Phasors of the selected accelerations, one after the other, each as the echo has the
    /// elements.
    rows: Vec<W>,
    /// The first selected acceleration.
    first: usize,
}

impl Fgmf {
    pub(super) fn new(parameters: &Parameters, echo: Layout, sampling: Sampling) -> Fgmf {
        let grid = sampling.grid(echo.terms, parameters.decimated_ipp());
        let bands = Bands::new(grid, echo.rows, echo.terms);
        let phasors = Phasors::new(parameters);
        let mut rows = vec![[0.0; 2]; parameters.selected.len() * echo.len()];
        let accelerations = &parameters.accelerations[parameters.selected.clone()];
        for (row, &acceleration) in rows.chunks_exact_mut(echo.len()).zip(accelerations) {
            for (element, phasor) in row.iter_mut().zip(phasors.row(acceleration)) {
                *element = [phasor.re, phasor.im];
            }
        }
        Fgmf {
            scan: Scan::new(&bands, echo.terms, 0, 0..parameters.decimated_read_length),
            pulses: Pulses::new(echo, bands.rows),
            bands,
            rows,
            first: parameters.selected.start,
        }
    }

    pub(super) fn work(&self, lanes: usize) -> Work {
        Work {
            product: floats(0),
            factors: floats(0),
            row: Vec::new(),
            space: Space::new(&self.bands, self.pulses.work(lanes), lanes),
            lines: Space::none(),
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
                &mut space.work,
                &mut space.bands,
            );
            search_bands(
                simd,
                &self.bands,
                &self.scan,
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
    acceleration: usize,
    space: &mut Space,
    best: &mut Best,
) {
    let row = 2 * S::F32_LANES * bands.rows.length;
    for band in 0..bands.number {
        bands.sample(
            simd,
            &space.bands,
            band,
            &mut space.work,
            &mut space.samples,
            &mut space.peaks,
        );
        simd.vectorize(Look {
            scan,
            bands,
            row: &space.bands[band * row..(band + 1) * row],
            samples: &space.samples,
            peaks: &space.peaks[..S::F32_LANES * bands.peaks()],
            band,
            acceleration,
            best,
        });
    }
}
