use std::sync::Arc;

use jobwise_cuda::driver::CudaStream;
use jobwise_cuda::{Cuda, Fault};

use super::Size;
use super::frequency::FrequencyModels;
use crate::inference::Asked;
use crate::state::Sounding;
use crate::task::Systems;

/// Models of the systems of a survey on a device: what a lane has for a batch of them.
pub(super) enum Responses {
    Frequency(Box<FrequencyModels>),
}

/// Bytes that responses need.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes {
    /// Tables on the device.
    pub(super) lane: usize,
    /// A sounding, on the device and on the host.
    pub(super) sounding: usize,
    /// A model of it, on the device and on the host.
    pub(super) model: usize,
}

impl Responses {
    /// What models of up to so many layers need.
    ///
    /// # Errors
    /// There is no kernel for these systems: a sentence.
    pub(super) fn bytes(systems: &Systems, layers: usize) -> Result<Bytes, String> {
        match systems {
            Systems::Frequency(system, _) => {
                let [sounding, model] = FrequencyModels::item_bytes(system, layers);
                Ok(Bytes {
                    lane: FrequencyModels::lane_bytes(system),
                    sounding,
                    model,
                })
            }
            Systems::Time(_) => {
                Err("time-domain systems have no kernel for CUDA devices: use --device cpu".into())
            }
        }
    }

    pub(super) fn new(
        device: &Cuda,
        stream: &Arc<CudaStream>,
        systems: &Systems,
        size: Size,
    ) -> Result<Responses, Fault> {
        match systems {
            Systems::Frequency(system, _) => {
                let models = FrequencyModels::new(device, stream, system, size)?;
                Ok(Responses::Frequency(Box::new(models)))
            }
            Systems::Time(_) => Err("no kernel for time-domain systems".into()),
        }
    }

    /// Says where the soundings of a batch were measured. Models of them are at most `change` m
    /// below that.
    pub(super) fn place<'s>(
        &mut self,
        stream: &Arc<CudaStream>,
        systems: &Systems,
        soundings: impl Iterator<Item = &'s Sounding<'s>>,
        change: f64,
    ) -> Result<(), Fault> {
        match (self, systems) {
            (Responses::Frequency(models), Systems::Frequency(system, _)) => {
                let heights = soundings.map(|sounding| {
                    let height = sounding.instrument.height();
                    [height, height - change]
                });
                models.place(stream, system, heights)
            }
            _ => Err("soundings of other systems than those of the lane".into()),
        }
    }

    /// Computes all that is asked for, at once.
    pub(super) fn compute(
        &mut self,
        device: &Cuda,
        stream: &Arc<CudaStream>,
        asked: &mut [&mut Asked],
    ) -> Result<(), Fault> {
        match self {
            Responses::Frequency(models) => models.compute(device, stream, asked),
        }
    }
}
