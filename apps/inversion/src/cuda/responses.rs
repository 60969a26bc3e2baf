use std::sync::Arc;

use jobwise_cuda::driver::CudaStream;
use jobwise_cuda::{Cuda, Fault};

use super::frequency::FrequencyModels;
use super::time::{TimeModels, TimePlace};
use super::{Bytes, Size};
use crate::forward::TimeDomain;
use crate::inference::Asked;
use crate::instrument::{self, Instrument};
use crate::task::Systems;

/// Models of the systems of a survey on a device: what a lane has for a batch of them.
pub(super) enum Responses {
    Frequency(Box<FrequencyModels>),
    Time(Vec<TimeModels>),
}

impl Responses {
    /// What models of up to so many layers need.
    pub(super) fn bytes(systems: &Systems, layers: usize) -> Bytes {
        match systems {
            Systems::Frequency(system, _) => FrequencyModels::bytes(system, layers),
            Systems::Time(systems) => {
                let each = systems.iter().map(|(system, _)| system);
                each.fold(Bytes::default(), |all, system| {
                    let bytes = TimeModels::bytes(system, layers);
                    Bytes {
                        lane: all.lane + bytes.lane,
                        sounding: all.sounding + bytes.sounding,
                        model: all.model + bytes.model,
                        on_device: all.on_device + bytes.on_device,
                    }
                })
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
            Systems::Time(systems) => {
                let models = |(system, _): &(TimeDomain, _)| {
                    let signs: Vec<f64> = system.axes().map(instrument::sign).collect();
                    TimeModels::new(device, stream, system, &signs, size)
                };
                let models = systems.iter().map(models);
                Ok(Responses::Time(models.collect::<Result<_, Fault>>()?))
            }
        }
    }

    /// Says where the soundings of a batch were measured. Models of them are at most `change` m
    /// below that.
    pub(super) fn place<'s>(
        &mut self,
        stream: &Arc<CudaStream>,
        systems: &Systems,
        soundings: impl Iterator<Item = &'s Instrument<'s>> + Clone,
        change: f64,
    ) -> Result<(), Fault> {
        match (self, systems) {
            (Responses::Frequency(models), Systems::Frequency(system, _)) => {
                let heights = soundings.map(|instrument| {
                    let height = instrument.height();
                    [height, height - change]
                });
                models.place(stream, system, heights)
            }
            (Responses::Time(models), Systems::Time(systems)) => {
                for (part, (models, (system, _))) in models.iter_mut().zip(systems).enumerate() {
                    let places = soundings.clone().filter_map(|instrument| {
                        let (geometry, primary) = instrument.time_part(part)?;
                        Some(TimePlace { geometry, primary })
                    });
                    models.place(stream, system, places)?;
                }
                Ok(())
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
            Responses::Frequency(models) => {
                models.enqueue(stream, asked)?;
                device.wait(stream)?;
                models.take(asked)
            }
            Responses::Time(parts) => {
                for models in &mut *parts {
                    models.enqueue(stream, asked)?;
                }
                device.wait(stream)?;
                let all = parts.iter().map(TimeModels::channels).sum();
                let mut first = 0;
                for models in parts {
                    models.take(asked, first, all)?;
                    first += models.channels();
                }
                Ok(())
            }
        }
    }
}
