use std::sync::Arc;

use jobwise_core::Cause;
use jobwise_cuda::driver::CudaStream;
use jobwise_cuda::{Cuda, CudaKernel, Demand, Fault};
use jobwise_hdf5::row_store::Rows;

use super::Size;
use super::responses::Responses;
use crate::inference::{Inferred, infer_together};
use crate::run::Soundings;
use crate::{Error, survey};

/// How many models at once fill a device.
const USEFUL: usize = 4096;

/// What a lane has for a batch of soundings.
pub(crate) struct Lane {
    device: Cuda,
    stream: Arc<CudaStream>,
    responses: Responses,
    /// By slot: the item, and what became of it.
    indices: Vec<usize>,
    outcomes: Vec<Option<Inferred>>,
}

/// All chains of a batch go on together: the host does what is not a response, the device computes
/// the responses of all of them in one launch.
impl CudaKernel for Soundings<'_> {
    const NAME: &'static str = "chains over earths";

    type Lane = Lane;

    fn demand(&self, _: &Cuda) -> Result<Demand, Cause> {
        let settings = &self.task.settings;
        let bytes = Responses::bytes(&self.task.systems, settings.maximum_number_of_layers);
        let chains = self.task.options.chains;
        let item = bytes.sounding + chains * bytes.model;
        let on_device = chains * bytes.on_device;
        Ok(Demand {
            lane: bytes.lane,
            item: item + on_device,
            // Chains themselves are the most of it.
            pinned: item + chains * self.task.chain_bytes(),
            useful: USEFUL.div_ceil(chains),
        })
    }

    fn lane(&self, device: &Cuda, stream: &Arc<CudaStream>, room: usize) -> Result<Lane, Fault> {
        let task = self.task;
        let size = Size {
            soundings: room,
            models: room * task.options.chains,
            layers: task.settings.maximum_number_of_layers,
        };
        Ok(Lane {
            responses: Responses::new(device, stream, &task.systems, size)?,
            device: device.clone(),
            stream: stream.clone(),
            indices: vec![0; room],
            outcomes: Vec::new(),
        })
    }

    fn pack<'t>(
        &'t self,
        lane: &mut Lane,
        slot: usize,
        index: usize,
        _: &&'t survey::Sounding,
    ) -> Result<(), Cause> {
        lane.indices[slot] = index;
        Ok(())
    }

    fn launch(&self, lane: &mut Lane, used: usize) -> Result<(), Fault> {
        let Lane {
            device,
            stream,
            responses,
            indices,
            outcomes,
        } = lane;
        let task = self.task;
        outcomes.clear();
        // Those that cannot be begun are done with.
        let mut soundings = Vec::new();
        for index in &indices[..used] {
            match task.sounding(self.sounding(*index)) {
                Ok(sounding) => {
                    soundings.push(sounding);
                    outcomes.push(None);
                }
                Err(error) => outcomes.push(Some(Ok(Err(error)))),
            }
        }
        let change = task.settings.height.map_or(0.0, |walk| walk.maximum_change);
        let instruments = soundings.iter().map(|one| &one.instrument);
        responses.place(stream, &task.systems, instruments, change)?;
        let requests: Vec<_> = soundings.iter().map(|one| task.request(one)).collect();
        let stop = || self.is_to_stop();
        let found = infer_together(&requests, &stop, device.pool()?, |asked| {
            responses.compute(device, stream, asked)
        })?;
        let open = outcomes.iter_mut().filter(|outcome| outcome.is_none());
        for (outcome, found) in open.zip(found) {
            *outcome = Some(found);
        }
        Ok(())
    }

    fn unpack<'t>(
        &'t self,
        lane: &mut Lane,
        slot: usize,
        index: usize,
        item: &'t survey::Sounding,
    ) -> Result<Rows, Cause> {
        let outcome = lane.outcomes.get_mut(slot).and_then(Option::take);
        let found = outcome.ok_or("a sounding was not computed")??;
        let rows = found.and_then(|found| {
            let sounding = self.task.sounding(item)?;
            self.rows(index, &sounding, found)
        });
        self.outcome(index, item, rows)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::Cause(error.into())
    }
}
