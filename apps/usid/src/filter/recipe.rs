use std::marker::PhantomData;

use hdf5::Group;
use jobwise_core::{Backend, Cancel, Cluster, Cpu};
use num_complex::Complex64;

use super::composite::advance;
use super::json::{in_json, stored};
use super::{Composite, Filtering, FrequencyFilter, NoiseFloor, Real, Residual, Sampling};
use crate::experiment::{EXCITATION, SAMPLING_RATE, axis_rate, frequency};
use crate::format::{Dimension, Element, Main, Scalar};
use crate::process::{Columns, Output, Parameters, Per, Pixelwise, Recipe};
use crate::warning::warn;
use crate::{Error, Result};

/// A frequency filter, for any source, with transforms in the precision of `T`: `f64`, or `f32`,
/// whose results differ by some 1e-6 of the largest.
#[derive(Clone, Debug)]
pub struct Filter<T> {
    /// What is asked for.
    pub request: Request,
    /// How it is computed.
    pub precision: PhantomData<T>,
}

/// What a filter does and stores.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The filters, one after the other.
    pub filters: Vec<FrequencyFilter>,
    /// How likely noise may exceed the floor below which everything is dropped.
    pub noise_threshold: Option<f64>,
    /// When the search for the floor ends.
    pub residual: Residual,
    /// Store the filtered signal.
    pub write_filtered: bool,
    /// Store the spectrum where the filters pass.
    pub write_condensed: bool,
    /// Positions that are filtered together, as one signal.
    pub num_pix: usize,
    /// Move the signal earlier by this phase of the excitation, in rad, circularly.
    pub phase: f64,
    /// Points per second; `None`: as the file says.
    pub rate: Option<f64>,
    /// The excitation's frequency in Hz, for a phase; `None`: as the file says.
    pub excitation: Option<f64>,
    /// The type of the filtered signal; `None`: the float that holds the source's numbers.
    pub result_type: Option<Scalar>,
}

impl Request {
    /// The axis of a signal of `num_pix` positions of the source.
    fn sampling(&self, source: &Main) -> Result<Sampling> {
        let rate = frequency(source, self.rate, SAMPLING_RATE, "--sampling-rate")?;
        if !(rate > 0.0 && rate.is_finite()) {
            return Err(Error::Request(format!(
                "a sampling rate of {rate} Hz: must be positive"
            )));
        }
        Ok(Sampling {
            points: source.width() * self.num_pix,
            rate,
        })
    }

    /// Whether the request makes sense for the source.
    fn check(&self, source: &Main) -> Result<()> {
        let wrong = |problem: String| Err(Error::Request(problem));
        if !matches!(source.element(), Element::Real(_)) {
            return wrong(format!(
                "{}: only real numbers can be filtered",
                source.path()
            ));
        }
        if self.filters.is_empty() && self.noise_threshold.is_none() && self.phase == 0.0 {
            return wrong("nothing to do: give a filter (--filter) or a noise threshold".into());
        }
        if !self.write_filtered && !self.condenses() {
            return wrong(
                "nothing to store: the filtered signal is left out, and a condensed \
                 spectrum needs a filter"
                    .into(),
            );
        }
        if self.num_pix == 0 || !source.positions().is_multiple_of(self.num_pix) {
            return wrong(format!(
                "{} positions cannot be filtered {} at a time: the number must divide them",
                source.positions(),
                self.num_pix
            ));
        }
        Ok(())
    }

    /// The type of the filtered signal.
    fn result(&self, source: &Main) -> Scalar {
        self.result_type.unwrap_or(match source.element() {
            Element::Real(scalar) => scalar.float(),
            _ => Scalar::F64,
        })
    }

    /// Without filters everything passes, and there is nothing to condense.
    fn condenses(&self) -> bool {
        self.write_condensed && !self.filters.is_empty()
    }

    /// Points by which the signal moves.
    fn advance(&self, source: &Main, sampling: Sampling) -> Result<f64> {
        if self.phase == 0.0 {
            return Ok(0.0);
        }
        let excitation = frequency(source, self.excitation, EXCITATION, "--excitation")?;
        let advance = self.phase / std::f64::consts::TAU * sampling.rate / excitation;
        if advance.is_finite() {
            return Ok(advance);
        }
        Err(Error::Request(format!(
            "a phase of {} rad at an excitation of {excitation} Hz",
            self.phase
        )))
    }
}

impl<T: Real> Recipe for Filter<T> {
    type Common<'c> = ();
    type Process<'s> = Filtered<T>;

    fn tool(&self) -> &'static str {
        "FFT_Filtering"
    }

    fn parameters(&self, source: &Main) -> Result<Parameters> {
        let parameters = self.request.parameters(source)?;
        Ok(parameters.own("precision", T::NAME))
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
    ) -> jobwise_core::Result<Filtered<T>> {
        self.request
            .filtered(source)
            .map_err(|error| jobwise_core::Error::Program(error.into()))
    }
}

impl Request {
    fn parameters(&self, source: &Main) -> Result<Parameters> {
        self.check(source)?;
        let mut parameters = Parameters::new("FFT_Filtering 1")
            // The peer stores the number of output rows under this name.
            .with("num_pix", (source.positions() / self.num_pix) as i64)
            .note("algorithm", "jobwise_usid_filter");
        if let Some(tolerance) = self.noise_threshold {
            NoiseFloor::new(tolerance, self.residual)?;
            parameters = parameters.with("noise_threshold", tolerance);
        }
        if !self.filters.is_empty() {
            let sampling = self.sampling(source)?;
            parameters = parameters
                .with("samp_rate", sampling.rate)
                .with("signal_length", sampling.points as i64);
            for filter in &self.filters {
                for (name, value) in stored(filter) {
                    parameters = parameters.with(name, value);
                }
            }
            // The names above hold one filter of a kind; this holds all, in order.
            let all: Vec<serde_json::Value> = self.filters.iter().map(in_json).collect();
            parameters = parameters.own(
                "frequency_filters",
                serde_json::Value::from(all).to_string(),
            );
        }
        if self.phase != 0.0 {
            let advance = self.advance(source, self.sampling(source)?)?;
            parameters = parameters
                .own("phase_rad", self.phase)
                .own("advance_points", advance);
        }
        let scalar = self.result(source).to_string();
        let stored = source.element().to_string();
        parameters = match source.element() {
            _ if !self.write_filtered => parameters,
            // Earlier versions kept the type of the source.
            Element::Real(kind) if kind.float() != *kind => {
                let before = format!("which stored the filtered signal as {stored}");
                parameters.since("result_type", scalar, &before)
            }
            _ if scalar == stored => parameters,
            _ => parameters.own("result_type", scalar),
        };
        Ok(parameters
            .own("positions_per_signal", self.num_pix as i64)
            .own("write_filtered", self.write_filtered)
            .own("write_condensed", self.condenses())
            .own("relative_residual", self.residual == Residual::Relative))
    }

    fn filtered<T: Real>(&self, source: &Main) -> Result<Filtered<T>> {
        let points = source.width() * self.num_pix;
        let composite = match self.filters.as_slice() {
            [] => None,
            filters => Composite::new(filters, self.sampling(source)?)?,
        };
        self.warn(points, composite.as_ref());
        if let (Some(axis), Ok(Sampling { rate, .. })) = (axis_rate(source), self.sampling(source))
            && (axis / rate - 1.0).abs() > 0.01
        {
            let what = format!(
                "by its time axis it was sampled at {axis:.6e} Hz, and {rate:.6e} Hz are used: is \
                 the sampling rate right?"
            );
            warn(source.path(), &what);
        }
        let mut mask: Option<Vec<Complex64>> = composite
            .as_ref()
            .map(|composite| composite.half().into_iter().map(Complex64::from).collect());
        if self.phase != 0.0 {
            let advance = advance(points, self.advance(source, self.sampling(source)?)?);
            mask = Some(match mask {
                None => advance,
                Some(mask) => mask.iter().zip(advance).map(|(m, a)| m * a).collect(),
            });
        }
        let floor = self
            .noise_threshold
            .map(|tolerance| NoiseFloor::new(tolerance, self.residual))
            .transpose()?;
        let hot = composite
            .as_ref()
            .filter(|_| self.condenses())
            .map(Composite::hot);
        let outputs = self.outputs(source, floor.is_some(), hot.as_deref());
        let kernel = Filtering {
            composite,
            hot,
            filtered: self.write_filtered,
            ..Filtering::new(points, mask.as_deref(), floor)
        };
        Pixelwise::new(kernel, outputs, self.num_pix, source)
    }

    /// Says what is seldom meant.
    fn warn(&self, points: usize, composite: Option<&Composite>) {
        for filter in &self.filters {
            if let FrequencyFilter::BandPass {
                taps: Some(taps), ..
            }
            | FrequencyFilter::BandStop {
                taps: Some(taps), ..
            } = filter
                && *taps > points
            {
                log::warn!(
                    "a filter of {taps} taps on signals of {points} points: the taps beyond are \
                     cut off, and most of the band with them"
                );
            }
        }
        if composite.is_some_and(|composite| composite.mask.iter().all(|&pass| pass == 0.0)) {
            log::warn!("nothing passes the filters: the results are zero");
        }
    }

    /// In the order in which the kernel appends them.
    fn outputs(&self, source: &Main, floors: bool, hot: Option<&[usize]>) -> Vec<Output> {
        let filtered = self.write_filtered.then(|| Output {
            name: "Filtered_Data".into(),
            quantity: source.quantity().into(),
            units: source.units().into(),
            element: Element::Real(self.result(source)),
            columns: Columns::OfSource {
                width: source.width(),
            },
            rows: Per::Position,
        });
        let floors = floors.then(|| Output {
            name: "Noise_Floors".into(),
            quantity: "Noise".into(),
            units: "a.u.".into(),
            element: Element::Real(Scalar::F32),
            columns: Columns::Own {
                prefix: "Noise_Spec".into(),
                dimensions: vec![Dimension::new("arb", "", vec![0.0])],
            },
            rows: Per::Unit,
        });
        let condensed = hot.map(|hot| Output {
            name: "Condensed_Data".into(),
            quantity: "Complex".into(),
            units: "a. u.".into(),
            element: Element::Complex(Scalar::F64),
            columns: Columns::Own {
                prefix: "Spectroscopic".into(),
                dimensions: vec![Dimension::new(
                    "hot_frequencies",
                    "",
                    (0..hot.len()).map(|index| index as f64).collect(),
                )],
            },
            rows: Per::Unit,
        });
        [filtered, floors, condensed]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// A filter on its source.
pub type Filtered<T> = Pixelwise<Filtering<T>>;
