//! The estimators.
//!
//! One integration goes in as the transmitted and received samples of its pulses; out comes, for
//! every range gate, the largest matched-filter power over range rate and acceleration, and where
//! it lies:
//!
//! 1. the echo: correlation of the receiving window with the transmitted pulse, decimated;
//! 2. `phasor`: removal of an acceleration;
//! 3. a zero-filled Fourier transform over the integration, one bin per range rate;
//! 4. the first largest power: `fgmf` tries every selected acceleration, `fdpt` only the one that a
//!    lag product shows.
//!
//! `grid-fast-no-reduce` also keeps the powers of all cells, or their maxima over some axes
//! (`cube`).
//!
//! `plain` writes this definition down; `simd` finds the same with a tenth of the arithmetic and is
//! what runs.
//!
//! Every result is a pure function of its inputs: no order of threads enters.

mod cube;
mod integration;
mod peak;
mod phasor;
mod plain;
mod simd;
#[cfg(feature = "cuda")]
pub(crate) use simd::tables;
mod targets;

use std::sync::Arc;

use num_complex::Complex;

use crate::Result;
use crate::parameters::Parameters;
use crate::settings::{Method, Settings};

pub use cube::{Axis, Cube, CubeShape, MAX_CUBE_BYTES};
pub use integration::Integration;
#[cfg(feature = "cuda")]
pub(crate) use phasor::Phasors;
#[cfg(not(feature = "cuda"))]
use phasor::Phasors;
use plain::Plain;
pub use simd::Level;
use simd::SimdSearch;
pub use targets::{Target, Targets};

/// A complex sample.
pub type Sample = Complex<f32>;

/// How a search computes; the results agree but for rounding.
#[derive(Clone, Copy, Debug)]
pub enum Path {
    /// The definition, by plain Fourier transforms.
    Plain,
    /// Short transforms in vector lanes, at every bin.
    Decomposed(Level),
    /// The same at as few places as a bound allows: the fast search.
    Bounded(Level),
}

/// The tables of a search, built once and shared by all threads.
#[derive(Debug)]
pub struct Search {
    parameters: Arc<Parameters>,
    settings: Settings,
    engine: Engine,
    /// What `grid-fast-no-reduce` keeps.
    cube: Option<CubeShape>,
}

#[derive(Debug)]
enum Engine {
    Plain(Box<Plain>),
    Simd(Box<SimdSearch>),
}

/// What one thread needs while it works on an integration; made by [`Search::scratch`].
#[derive(Clone, Debug)]
pub struct Scratch(Space);

#[derive(Clone, Debug)]
enum Space {
    Plain(plain::Scratch),
    Simd(Box<simd::Scratch>),
}

impl Search {
    /// Builds the tables of the fastest search that this processor has instructions for.
    ///
    /// # Errors
    /// When `grid-fast-no-reduce` would keep more than [`MAX_CUBE_BYTES`] for a file.
    pub fn new(parameters: &Parameters, settings: &Settings) -> Result<Self> {
        Self::with_path(parameters, settings, Path::Bounded(Level::fastest()))
    }

    /// Builds the tables of the search that computes in this way; `grid-fast-no-reduce` wants every
    /// cell, and is always computed by plain Fourier transforms.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_path(parameters: &Parameters, settings: &Settings, path: Path) -> Result<Self> {
        let parameters = Arc::new(parameters.clone());
        let is_whole = settings.gmf_method == Method::NoReduce;
        Ok(Self {
            cube: is_whole
                .then(|| CubeShape::new(&parameters, settings))
                .transpose()?,
            engine: match path {
                _ if is_whole => Engine::Plain(Box::new(Plain::new(&parameters, settings))),
                Path::Plain => Engine::Plain(Box::new(Plain::new(&parameters, settings))),
                Path::Decomposed(level) => Engine::Simd(Box::new(SimdSearch::new(
                    &parameters,
                    settings,
                    level,
                    true,
                ))),
                Path::Bounded(level) => Engine::Simd(Box::new(SimdSearch::new(
                    &parameters,
                    settings,
                    level,
                    false,
                ))),
            },
            settings: settings.clone(),
            parameters,
        })
    }

    /// What the search computes with.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// What `grid-fast-no-reduce` keeps; `None` for other methods.
    pub fn cube(&self) -> Option<CubeShape> {
        self.cube
    }

    /// The phasors of the acceleration at that index: one per decimated sample, pulse after pulse.
    ///
    /// # Panics
    /// When there is no such acceleration.
    pub fn phasors(&self, acceleration: usize) -> Vec<Sample> {
        Phasors::new(&self.parameters)
            .row(self.parameters.accelerations[acceleration])
            .collect()
    }

    /// Work space for one thread.
    pub fn scratch(&self) -> Scratch {
        Scratch(match &self.engine {
            Engine::Plain(plain) => Space::Plain(plain.scratch()),
            Engine::Simd(search) => Space::Simd(Box::new(search.scratch())),
        })
    }

    /// Analyses one integration.
    ///
    /// `tx` holds the transmitting windows of all pulses one after the other (`n_ipp` times
    /// `tx_pulse_samps` samples), `rx` their receiving windows (`n_ipp` times
    /// [`Parameters::rx_window_samps`]). Where the amplitude of `tx` does not exceed
    /// `min_tx_amplitude` (or is not a number), the result is [`Integration::not_analysed`].
    ///
    /// # Panics
    /// When `tx` or `rx` has another length, or `scratch` is of a search of another shape.
    pub fn integrate(&self, tx: &[Sample], rx: &[Sample], scratch: &mut Scratch) -> Integration {
        let parameters = &*self.parameters;
        assert_eq!(tx.len(), parameters.coh_int_samps, "samples in tx");
        assert_eq!(
            rx.len(),
            parameters.n_ipp * parameters.rx_window_samps(),
            "samples in rx"
        );
        let power: f64 = tx.iter().map(|&z| wide(z).norm_sqr()).sum();
        let mut result = Integration::not_analysed(power as f32, parameters.ranges.len());
        let amplitude = power.sqrt();
        if amplitude.is_nan() || amplitude <= self.settings.min_tx_amplitude {
            return result;
        }
        result.cube = self.cube.map(Cube::empty);
        // Conjugate transmitted samples over their amplitude.
        let weights = tx.iter().map(|&z| {
            let weight = wide(z).conj() / amplitude;
            Sample::new(weight.re as f32, weight.im as f32)
        });
        match (&self.engine, &mut scratch.0) {
            (Engine::Plain(plain), Space::Plain(space)) => {
                plain.search(weights, rx, space, &mut result);
            }
            (Engine::Simd(search), Space::Simd(space)) => {
                search.search(weights, rx, space, &mut result);
            }
            _ => panic!("the scratch belongs to another search"),
        }
        result.find_peak(parameters);
        result
    }
}

/// The same number in f64.
fn wide(z: Sample) -> Complex<f64> {
    Complex::new(f64::from(z.re), f64::from(z.im))
}
