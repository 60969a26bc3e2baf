//! Responses of many models, on any backend.

use jobwise_core::{Backend, Cause, Cpu, CpuKernel, Device, Engine, Kernel, Signature, Workload};
use jobwise_kit::Program;

use crate::forward::{FrequencyDomain, Response, TimeDomain, Wanted};
use crate::model::{Model, Place};

/// A system that is ready to be evaluated.
#[derive(Clone, Debug)]
pub enum Ready {
    /// Of the frequency domain.
    Frequency(FrequencyDomain),
    /// Of the time domain.
    Time(Box<TimeDomain>),
}

/// A response that is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Evaluation {
    /// Which of the models.
    pub model: usize,
    /// Which of the systems.
    pub system: usize,
    /// What is computed.
    pub wanted: Wanted,
}

/// Responses that are wanted. Run, they give the values and the derivatives of each, as
/// [`Response`] has them, on every rank.
#[derive(Clone, Copy, Debug)]
pub struct Evaluations<'m> {
    pub(crate) systems: &'m [Ready],
    pub(crate) models: &'m [Model],
    pub(crate) all: &'m [Evaluation],
}

/// Values, and derivatives by layers.
type Found = (Vec<f64>, Vec<f64>);

impl<'m> Evaluations<'m> {
    /// Responses of these systems over these models.
    ///
    /// # Errors
    /// A model cannot be computed, or is of another domain than its system: which evaluation, and
    /// a sentence.
    pub fn new(
        systems: &'m [Ready],
        models: &'m [Model],
        all: &'m [Evaluation],
    ) -> Result<Evaluations<'m>, (usize, String)> {
        for (index, of) in all.iter().enumerate() {
            let model = &models[of.model];
            let is_fitting = matches!(
                (&systems[of.system], model.place),
                (Ready::Frequency(_), Place::Altitude(_)) | (Ready::Time(_), Place::Geometry(_))
            );
            if !is_fitting {
                return Err((index, "the system is of the other domain".into()));
            }
            model.layers().map_err(|error| (index, error.to_string()))?;
        }
        Ok(Evaluations {
            systems,
            models,
            all,
        })
    }

    /// Runs on a device that has a kernel for them.
    fn collect<B, K>(backend: &B, kernel: &K) -> jobwise_core::Result<Vec<Response>>
    where
        B: Backend<Device: Device>,
        K: Workload + Kernel<B::Device, Output = Found>,
    {
        let found = Engine::new(backend).collect(kernel)?;
        let response = |(_, (predicted, jacobian))| Response {
            predicted,
            jacobian,
            by_height: Vec::new(),
        };
        Ok(found.into_iter().map(response).collect())
    }
}

impl Program for Evaluations<'_> {
    type Output = Vec<Response>;

    fn run<B: Backend<Device = Cpu>>(self, backend: &B) -> jobwise_core::Result<Vec<Response>> {
        Self::collect(backend, &self)
    }

    #[cfg(feature = "cuda")]
    fn run_on_cuda<B: Backend<Device = jobwise_cuda::Cuda>>(
        self,
        backend: &B,
    ) -> jobwise_core::Result<Vec<Response>> {
        Self::collect(backend, &jobwise_cuda::OnCuda(self))
    }
}

impl Signature for Evaluations<'_> {
    type Item<'t>
        = Evaluation
    where
        Self: 't;
    type Output = Found;
}

impl Workload for Evaluations<'_> {
    fn len(&self) -> usize {
        self.all.len()
    }

    fn read(&self, index: usize) -> Result<Evaluation, Cause> {
        Ok(self.all[index])
    }
}

impl CpuKernel for Evaluations<'_> {
    type Scratch = Response;

    fn scratch(&self) -> Result<Response, Cause> {
        Ok(Response::default())
    }

    fn compute(&self, _: usize, of: Evaluation, response: &mut Response) -> Result<Found, Cause> {
        let model = &self.models[of.model];
        let layers = model.layers()?;
        match (&self.systems[of.system], model.place) {
            (Ready::Frequency(system), Place::Altitude(altitude)) => {
                let mut workspace = system.workspace(layers.count());
                system.evaluate(layers, altitude, of.wanted, &mut workspace, response);
            }
            (Ready::Time(system), Place::Geometry(geometry)) => {
                let mut workspace = system.workspace(layers.count());
                system.evaluate(layers, &geometry, of.wanted, &mut workspace, response);
            }
            _ => return Err("the system is of the other domain".into()),
        }
        Ok((response.predicted.clone(), response.jacobian.clone()))
    }
}
