use std::fmt;
use std::sync::Arc;

use jobwise_core::Cause;
use jobwise_cuda::driver::CudaStream;
use jobwise_cuda::{Cuda, CudaKernel, Demand, Fault};

use super::frequency::FrequencyModels;
use super::time::{TimeModels, TimePlace};
use super::{Bytes, Size};
use crate::evaluations::{Evaluation, Evaluations, Ready};
use crate::inference::Asked;
use crate::model::Place;

/// How many models at once fill a device.
const USEFUL: usize = 4096;

/// What a lane has for a batch of evaluations.
pub struct Lane {
    device: Cuda,
    stream: Arc<CudaStream>,
    systems: Vec<OfSystem>,
    /// By slot: the system, and which of its models.
    slots: Vec<(usize, usize)>,
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a lane for models on {}", self.device)
    }
}

/// What a lane has for a system.
struct OfSystem {
    models: Models,
    /// Where each model is.
    places: Vec<Place>,
    asked: Vec<Asked>,
}

enum Models {
    Frequency(Box<FrequencyModels>),
    Time(Box<TimeModels>),
}

impl Evaluations<'_> {
    /// The most layers of a model.
    fn most_layers(&self) -> usize {
        let models = self.all.iter().map(|of| &self.models[of.model]);
        models
            .map(|model| model.conductivity.len())
            .max()
            .unwrap_or(1)
    }
}

impl CudaKernel for Evaluations<'_> {
    const NAME: &'static str = "responses of models";

    type Lane = Lane;

    fn demand(&self, _: &Cuda) -> Result<Demand, Cause> {
        let layers = self.most_layers();
        let bytes: Vec<Bytes> = self
            .systems
            .iter()
            .map(|system| match system {
                Ready::Frequency(system) => FrequencyModels::bytes(system, layers),
                Ready::Time(system) => TimeModels::bytes(system, layers),
            })
            .collect();
        // Every system has room for all models of a batch.
        let pinned = bytes.iter().map(|bytes| bytes.sounding + bytes.model).sum();
        let beside: usize = bytes.iter().map(|bytes| bytes.on_device).sum();
        Ok(Demand {
            lane: bytes.iter().map(|bytes| bytes.lane).sum(),
            item: pinned + beside,
            pinned,
            useful: USEFUL,
        })
    }

    fn lane(&self, device: &Cuda, stream: &Arc<CudaStream>, room: usize) -> Result<Lane, Fault> {
        let size = Size {
            soundings: room,
            models: room,
            layers: self.most_layers(),
        };
        let of_system = |system: &Ready| -> Result<OfSystem, Fault> {
            let models = match system {
                Ready::Frequency(system) => {
                    let models = FrequencyModels::new(device, stream, system, size)?;
                    Models::Frequency(Box::new(models))
                }
                Ready::Time(system) => {
                    let signs: Vec<f64> = system.axes().map(|_| 1.0).collect();
                    let models = TimeModels::new(device, stream, system, &signs, size)?;
                    Models::Time(Box::new(models))
                }
            };
            Ok(OfSystem {
                models,
                places: Vec::new(),
                asked: Vec::new(),
            })
        };
        Ok(Lane {
            device: device.clone(),
            stream: stream.clone(),
            systems: self
                .systems
                .iter()
                .map(of_system)
                .collect::<Result<_, _>>()?,
            slots: Vec::new(),
        })
    }

    fn pack(&self, lane: &mut Lane, slot: usize, _: usize, of: &Evaluation) -> Result<(), Cause> {
        if slot == 0 {
            lane.slots.clear();
            for system in &mut lane.systems {
                system.places.clear();
                system.asked.clear();
            }
        }
        let model = &self.models[of.model];
        let system = &mut lane.systems[of.system];
        lane.slots.push((of.system, system.asked.len()));
        let asked = Asked::new(system.asked.len(), model.layers()?, of.wanted);
        system.places.push(model.place);
        system.asked.push(asked);
        Ok(())
    }

    fn launch(&self, lane: &mut Lane, _: usize) -> Result<(), Fault> {
        let Lane {
            device,
            stream,
            systems,
            ..
        } = lane;
        for (of, ready) in systems.iter_mut().zip(self.systems) {
            if of.asked.is_empty() {
                continue;
            }
            let places = of.places.iter();
            let mut asked: Vec<&mut Asked> = of.asked.iter_mut().collect();
            match (&mut of.models, ready) {
                (Models::Frequency(models), Ready::Frequency(system)) => {
                    let heights = places.filter_map(|place| match place {
                        Place::Altitude(altitude) => Some([*altitude; 2]),
                        Place::Geometry(_) => None,
                    });
                    models.place(stream, system, heights)?;
                    models.enqueue(stream, &asked)?;
                    device.wait(stream)?;
                    models.take(&mut asked)?;
                }
                (Models::Time(models), Ready::Time(system)) => {
                    let primary = vec![0.0; system.axes().count()];
                    let places = places.filter_map(|place| match place {
                        Place::Altitude(_) => None,
                        Place::Geometry(geometry) => Some(TimePlace {
                            geometry: *geometry,
                            primary: primary.clone(),
                        }),
                    });
                    models.place(stream, system, places)?;
                    models.enqueue(stream, &asked)?;
                    device.wait(stream)?;
                    models.take(&mut asked, 0, models.channels())?;
                }
                _ => return Err("models of other systems than those of the lane".into()),
            }
        }
        Ok(())
    }

    fn unpack(
        &self,
        lane: &mut Lane,
        slot: usize,
        _: usize,
        _: Evaluation,
    ) -> Result<(Vec<f64>, Vec<f64>), Cause> {
        let (system, place) = lane.slots[slot];
        let (_, response) = lane.systems[system].asked[place].parts();
        let predicted = std::mem::take(&mut response.predicted);
        Ok((predicted, std::mem::take(&mut response.jacobian)))
    }
}
