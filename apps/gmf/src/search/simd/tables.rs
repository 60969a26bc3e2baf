//! What the search of a spectrum needs, laid open for devices other than the host's lanes.

use super::band::{Bands, twists};
use super::complex::W;
use super::fdpt::lines;
use super::grid::Grid;
use super::scan::Scan;
use super::{Sampling, level};
use crate::parameters::Parameters;
use crate::settings::Settings;

/// The bounded search of one spectrum in numbers: the same bounds and weights as the lanes use.
#[derive(Clone, Debug)]
pub(crate) struct Spectrum {
    /// Pulses that are transformed into bands.
    pub(crate) pulses: usize,
    /// Elements of a pulse: terms of a band's polynomial.
    pub(crate) terms: usize,
    /// Bands: every so-manieth bin of the spectrum is one of a band.
    pub(crate) bands: usize,
    /// How bands are sampled.
    pub(crate) grid: Grid,
    /// See [`Scan`].
    pub(crate) scan: Scan,
    /// See [`twists`]: by band, transform and term.
    pub(crate) twists: Vec<W>,
}

impl Spectrum {
    /// The spectrum of range rates; exhaustive: sampled at every bin.
    pub(crate) fn of_rates(parameters: &Parameters, exhaustive: bool) -> Spectrum {
        let bins = 0..parameters.decimated_read_length;
        let bands = parameters.n_ipp + parameters.ipp_offset;
        Spectrum::new(parameters, parameters.n_ipp, bands, exhaustive, 0, bins)
    }

    /// The spectrum of the lag product of `fdpt`: its lines are accelerations.
    pub(crate) fn of_lines(
        parameters: &Parameters,
        settings: &Settings,
        exhaustive: bool,
    ) -> Spectrum {
        let lag = parameters.dec_tau_samp / parameters.decimated_ipp();
        let bands = parameters.n_ipp + parameters.ipp_offset - lag;
        let (first, searched) = lines(parameters, settings);
        let every_bin = exhaustive || settings.dpt_restrict;
        Spectrum::new(
            parameters,
            parameters.n_ipp - lag,
            bands,
            every_bin,
            first,
            searched,
        )
    }

    fn new(
        parameters: &Parameters,
        pulses: usize,
        bands: usize,
        exhaustive: bool,
        first: usize,
        wanted: std::ops::Range<usize>,
    ) -> Spectrum {
        let terms = parameters.decimated_pulse();
        let sampling = Sampling {
            lanes: level::WIDEST,
            exhaustive,
        };
        let sampled = Bands::new(
            sampling.grid(terms, parameters.decimated_ipp()),
            bands,
            terms,
        );
        Spectrum {
            pulses,
            terms,
            bands,
            scan: Scan::new(&sampled, terms, first, wanted),
            twists: twists(&sampled.grid, bands, terms),
            grid: sampled.grid,
        }
    }
}

/// `exp(-2 pi i k / length)` for all `k`.
pub(crate) fn roots(length: usize) -> Vec<W> {
    let length = length as i128;
    (0..length)
        .map(|k| super::complex::turn(k, length))
        .collect()
}
