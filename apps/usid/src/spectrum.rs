//! The amplitude spectrum of every position: the smallest process, and a model for new ones.

use std::sync::Arc;

use hdf5::Group;
use jobwise_core::{Backend, Cancel, Cause, Cluster, Cpu};
use num_complex::Complex64;
use realfft::{RealFftPlanner, RealToComplex};

use crate::experiment::{SAMPLING_RATE, frequency};
use crate::format::{Dimension, Element, Main, Scalar};
use crate::process::{Columns, Output, Parameters, Per, PixelKernel, Pixelwise, Recipe};
use crate::{Error, Result};

/// Amplitudes against frequency.
#[derive(Clone, Debug)]
pub struct Spectrum {
    /// Points per second; `None`: as the file says.
    pub rate: Option<f64>,
}

impl Spectrum {
    fn rate(&self, source: &Main) -> Result<f64> {
        let rate = frequency(source, self.rate, SAMPLING_RATE, "--sampling-rate")?;
        if rate > 0.0 && rate.is_finite() {
            return Ok(rate);
        }
        Err(Error::Request(format!(
            "a sampling rate of {rate} Hz: must be positive"
        )))
    }
}

impl Recipe for Spectrum {
    type Common<'c> = ();
    type Process<'s> = Pixelwise<Amplitudes>;

    fn tool(&self) -> &'static str {
        "Spectrum"
    }

    fn parameters(&self, source: &Main) -> Result<Parameters> {
        if !matches!(source.element(), Element::Real(_)) {
            let path = source.path();
            return Err(Error::Request(format!(
                "{path}: only real numbers have such a spectrum"
            )));
        }
        Ok(Parameters::new("Spectrum 1").with("samp_rate", self.rate(source)?))
    }

    fn common(&self, _: &Main, _: &dyn Cluster) -> jobwise_core::Result<()> {
        Ok(())
    }

    fn prepare<B: Backend<Device = Cpu>>(
        &self,
        (source, ()): (&Main, &()),
        _: Option<&Group>,
        _: &B,
        _: &Cancel,
    ) -> jobwise_core::Result<Self::Process<'_>> {
        let points = source.width();
        let ended = |error: Error| jobwise_core::Error::Program(error.into());
        let step = self.rate(source).map_err(ended)? / points as f64;
        let frequencies = (0..=points / 2).map(|bin| bin as f64 * step).collect();
        let amplitude = Output {
            name: "Amplitude".into(),
            quantity: source.quantity().into(),
            units: source.units().into(),
            element: Element::Real(Scalar::F32),
            columns: Columns::Own {
                prefix: "Spectroscopic".into(),
                dimensions: vec![Dimension::new("Frequency", "Hz", frequencies)],
            },
            rows: Per::Position,
        };
        let kernel = Amplitudes {
            points,
            transform: RealFftPlanner::new().plan_fft_forward(points),
        };
        Pixelwise::new(kernel, vec![amplitude], 1, source).map_err(ended)
    }
}

/// The amplitude of the sine at each frequency from zero to half the sampling rate, in the units of
/// the signal.
pub struct Amplitudes {
    points: usize,
    transform: Arc<dyn RealToComplex<f64>>,
}

impl std::fmt::Debug for Amplitudes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Amplitudes of {} points", self.points)
    }
}

impl PixelKernel for Amplitudes {
    /// A spectrum, and room for the transform.
    type Scratch = [Vec<Complex64>; 2];

    fn scratch(&self) -> Result<Self::Scratch, Cause> {
        Ok([
            self.transform.make_output_vec(),
            self.transform.make_scratch_vec(),
        ])
    }

    fn compute(
        &self,
        _: usize,
        signal: &mut Vec<f64>,
        [spectrum, room]: &mut Self::Scratch,
        outputs: &mut [Vec<f64>],
    ) -> Result<(), Cause> {
        self.transform
            .process_with_scratch(signal, spectrum, room)?;
        let nyquist = self.points.is_multiple_of(2).then_some(self.points / 2);
        outputs[0].extend(spectrum.iter().enumerate().map(|(bin, value)| {
            // A sine has half of its amplitude at the negative frequency.
            let both = if bin == 0 || Some(bin) == nyquist {
                1.0
            } else {
                2.0
            };
            both * value.norm() / self.points as f64
        }));
        Ok(())
    }
}
