use hdf5::Group;
use jobwise_core::{Backend, Cancel, Cause, Cluster, Cpu};

use super::period::PHYSICAL_FACTOR;
use super::{Inference, Model, MomentsFrom, Period, Scratch};
use crate::error::refused;
use crate::experiment::{EXCITATION, factor, frequency};
use crate::format::{Ancillary, Dimension, Element, Main, Scalar, Value};
use crate::process::{Columns, Output, Parameters, Per, PixelKernel, Pixelwise, Recipe};
use crate::{Error, Result};

/// The inference on every row of a main dataset: one period of current each, the bias as
/// spectroscopic values.
#[derive(Clone, Debug)]
pub struct Giv {
    /// Frequency of the bias in Hz; `None`: as the file says.
    pub frequency: Option<f64>,
    /// What is assumed.
    pub model: Model,
    /// Of the random numbers.
    pub seed: u64,
}

/// Picofarad in a nanofarad.
const PICO: f64 = 1000.0;

const CAPACITANCE: &str = "Capacitance";

impl Giv {
    fn frequency(&self, source: &Main) -> Result<f64> {
        frequency(source, self.frequency, EXCITATION, "--frequency")
    }

    /// What currents are multiplied with to be in nA.
    fn nanoampere(source: &Main) -> Result<f64> {
        let said = (source.quantity(), source.units());
        factor(source, "the current", said, "nA")
    }

    /// What the bias is multiplied with to be in V.
    fn volt(source: &Main) -> Result<f64> {
        let mut labels = source.labels(Ancillary::SpectroscopicValues);
        let said = labels.next().unwrap_or_default();
        factor(source, "the bias", said, "V")
    }

    fn period(&self, source: &Main) -> Result<Period> {
        let wrong = |problem: String| Error::Format {
            path: source.dataset().filename().into(),
            object: source.path(),
            problem,
        };
        if !matches!(source.element(), Element::Real(_)) {
            return Err(wrong(
                "its cells are not real numbers: currents in nA are needed".into(),
            ));
        }
        let dimensions = source.labels(Ancillary::SpectroscopicValues).count();
        if dimensions != 1 {
            return Err(wrong(format!(
                "it has {dimensions} spectroscopic dimensions: one is needed, the bias in V"
            )));
        }
        let volt = Giv::volt(source)?;
        let bias = source.entries(Ancillary::SpectroscopicValues, 0..source.width())?;
        Period::new(
            &bias
                .column(0)
                .iter()
                .map(|bias| volt * bias)
                .collect::<Vec<_>>(),
            self.frequency(source)?,
            &self.model,
        )
        .map_err(|error| wrong(error.to_string()))
    }
}

impl Recipe for Giv {
    type Common<'c> = ();
    type Process<'s> = Inferring;

    fn tool(&self) -> &'static str {
        "Bayesian_Inference"
    }

    fn parameters(&self, source: &Main) -> Result<Parameters> {
        let model = &self.model;
        model.validate()?;
        let mut parameters = Parameters::new("Bayesian_Inference 1");
        let factors = [
            (
                "current_in_nA",
                Giv::nanoampere(source)?,
                "which took the current for nA",
            ),
            ("bias_in_V", Giv::volt(source)?, "which took the bias for V"),
        ];
        #[allow(clippy::float_cmp)] // the units are the same, or they are not
        for (name, factor, before) in factors.into_iter().filter(|(_, factor, _)| *factor != 1.0) {
            parameters = parameters.since(name, factor, before);
        }
        if model.moments == MomentsFrom::Quadrature {
            let before = "which drew samples at every bias (as --moments sampled does)";
            parameters = parameters.since("moments", "quadrature", before);
        }
        Ok(parameters
            .with("freq", self.frequency(source)?)
            .with("num_x_steps", model.num_x_steps as i64)
            .with("r_extra", model.r_extra)
            .with("gam", model.gam)
            // Nothing depends on it, but others store it.
            .with("e", 10.0)
            .with("sigma", model.sigma)
            .with("sigmaC", model.sigma_c)
            .with("num_samples", model.num_samples as f64)
            .own("seed", self.seed as i64)
            .note("algorithm_author", "Kody J. Law"))
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
    ) -> jobwise_core::Result<Inferring> {
        let period = self.period(source);
        let period = period.map_err(|error| jobwise_core::Error::Program(error.into()))?;
        let ended = |error: Error| jobwise_core::Error::Program(error.into());
        let factor = Giv::nanoampere(source).map_err(ended)?;
        let outputs = outputs(source, &period, factor);
        let kernel = PeriodKernel {
            period,
            seed: self.seed,
        };
        let pixelwise = Pixelwise::new(kernel, outputs, 1, source).map_err(ended)?;
        Ok(pixelwise.times(factor))
    }
}

/// In the order in which the kernel appends them. Currents that were multiplied with a `factor` are
/// in nA.
fn outputs(source: &Main, period: &Period, factor: f64) -> Vec<Output> {
    let single = Element::Real(Scalar::F32);
    let over_bias = |name: &str, quantity: &str, units: &str| Output {
        name: name.into(),
        quantity: quantity.into(),
        units: units.into(),
        element: single.clone(),
        columns: Columns::Own {
            prefix: "Spectroscopic".into(),
            dimensions: vec![Dimension::new("Bias", "V", period.x().to_vec())],
        },
        rows: Per::Position,
    };
    let capacitance = |name: &str| Output {
        name: name.into(),
        quantity: "Capacitance".into(),
        units: "pF".into(),
        element: Element::Compound(
            ["Forward", "Reverse"]
                .map(|field| (field.into(), Element::Real(Scalar::F32)))
                .into(),
        ),
        columns: Columns::Own {
            prefix: "Cap_Spec".into(),
            dimensions: vec![Dimension::new("Direction", "", vec![0.0])],
        },
        rows: Per::Position,
    };
    vec![
        Output {
            name: "Corrected_Current".into(),
            quantity: source.quantity().into(),
            #[allow(clippy::float_cmp)] // the units are the same, or they are not
            units: if factor == 1.0 { source.units() } else { "nA" }.into(),
            element: single.clone(),
            columns: Columns::OfSource {
                width: source.width(),
            },
            rows: Per::Position,
        },
        over_bias("Resistance", "Resistance", "GOhms"),
        over_bias("R_variance", "Resistance Variance", "GOhms^2"),
        capacitance(CAPACITANCE),
        capacitance("Physical_Capacitance"),
    ]
}

/// The inference on its source.
pub type Inferring = Pixelwise<PeriodKernel>;

/// The inference on one row.
#[derive(Debug)]
pub struct PeriodKernel {
    period: Period,
    seed: u64,
}

impl PixelKernel for PeriodKernel {
    type Scratch = (Scratch, Inference);

    fn scratch(&self) -> Result<Self::Scratch, Cause> {
        Ok(Self::Scratch::default())
    }

    fn compute(
        &self,
        position: usize,
        current: &mut Vec<f64>,
        (scratch, inference): &mut Self::Scratch,
        outputs: &mut [Vec<f64>],
    ) -> Result<(), Cause> {
        self.period
            .infer(current, self.seed, position as u64, scratch, inference);
        outputs[0].extend_from_slice(&inference.corrected);
        outputs[1].extend(inference.resistance.iter().map(|moments| moments.mean));
        outputs[2].extend(inference.resistance.iter().map(|moments| moments.variance));
        outputs[3].extend(inference.capacitance.map(|nano| PICO * nano));
        outputs[4].extend(
            inference
                .capacitance
                .map(|nano| PHYSICAL_FACTOR * PICO * nano),
        );
        Ok(())
    }

    /// Says of the customary capacitances how much of them is physical.
    fn finish(&self, group: &Group, _: &Main) -> Result<()> {
        let dataset = group
            .dataset(CAPACITANCE)
            .map_err(refused(group.filename(), CAPACITANCE))?;
        Value::Float(PHYSICAL_FACTOR).write(&dataset, "physical_factor")
    }
}
