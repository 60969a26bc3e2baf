//! Which CUDA devices a rank computes on.

use jobwise_core::{Backend, Beside, Error, Result};
use jobwise_cuda::{Cuda, CudaBackend, CudaKernel, DevicePlan, Missing};
use jobwise_serial::Threads;

use crate::backend::Choice;
use crate::launcher::started_place;

/// The devices among `gpus` of the rank at this place of `ranks` on its node, and how many ranks
/// share them: where there are fewer ranks than devices, a rank has several; where there are more,
/// ranks take devices in turn.
fn picked(gpus: &[usize], place: usize, ranks: usize) -> (Vec<usize>, usize) {
    let (count, ranks) = (gpus.len(), ranks.max(1));
    if count == 0 {
        return (Vec::new(), 1);
    }
    if ranks <= count {
        let own = gpus.iter().skip(place % ranks).step_by(ranks);
        return (own.copied().collect(), 1);
    }
    let which = place % count;
    let sharing = (0..ranks).filter(|other| other % count == which).count();
    (vec![gpus[which]], sharing)
}

/// Devices that are opened, and how many ranks share them.
pub(crate) struct Opened {
    devices: Vec<Cuda>,
    sharing: usize,
}

impl Choice {
    /// Opens the devices of the rank at this place of `ranks` on its node.
    pub(crate) fn open(&self, place: usize, ranks: usize) -> Result<Opened> {
        let open = || {
            let count = Cuda::count()?;
            let gpus = match self.gpus() {
                [] => (0..count).collect(),
                named => named.to_vec(),
            };
            if let Some(&index) = gpus.iter().find(|&&index| index >= count) {
                return Err(Missing::Device { index, count });
            }
            if count == 0 {
                return Err(Missing::Device { index: 0, count });
            }
            let (own, sharing) = picked(&gpus, place, ranks);
            let devices = own.into_iter().map(Cuda::open).collect::<Result<_, _>>()?;
            Ok(Opened { devices, sharing })
        };
        open().map_err(|missing| Error::Backend(missing.into()))
    }

    /// Lanes on the devices. Ranks that share one ask how much memory is free when all have opened
    /// it and none has taken any.
    pub(crate) fn lanes_on(&self, opened: Opened) -> Result<CudaBackend> {
        let Opened { devices, sharing } = opened;
        let backend = CudaBackend::new(devices)?
            .shared_by(sharing)
            .host_threads(self.threads());
        let backend = match self.lanes() {
            Some(lanes) => backend.lanes_each(lanes),
            None => backend,
        };
        for device in backend.devices() {
            log::info!("computing on {device}, {} lanes", backend.lanes_on_each());
        }
        Ok(backend)
    }

    /// How `kernel` would run on the devices of this process, a line for each.
    ///
    /// # Errors
    /// When a device is not there, or the kernel cannot run on it.
    pub fn plan_on_cuda<K: CudaKernel>(&self, kernel: &K) -> Result<Vec<DevicePlan>> {
        let (place, ranks) = started_place();
        self.lanes_on(self.open(place, ranks)?)?.plan(kernel)
    }
}

/// The threads of this machine among the ranks of `devices`, for what runs on the host beside
/// these; as many as were chosen, or else one for each processor.
pub fn threads_beside<'b, B: Backend>(
    devices: &'b B,
    choice: Option<&Choice>,
) -> Beside<'b, B, Threads> {
    Beside::new(devices, Threads::new(choice.and_then(Choice::threads)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_device_is_used_and_ranks_share_evenly() {
        for count in 1..9 {
            let gpus: Vec<usize> = (0..count).map(|gpu| 10 + gpu).collect();
            for ranks in 1..20 {
                let all: Vec<_> = (0..ranks)
                    .map(|place| picked(&gpus, place, ranks))
                    .collect();
                for gpu in &gpus {
                    let users: Vec<_> = all.iter().filter(|(own, _)| own.contains(gpu)).collect();
                    assert!(!users.is_empty());
                    assert!(users.iter().all(|(_, sharing)| *sharing == users.len()));
                    assert!(users.len() <= ranks.div_ceil(count));
                }
                let (most, least) = (
                    all.iter().map(|(own, _)| own.len()).max(),
                    all.iter().map(|(own, _)| own.len()).min(),
                );
                assert!(least >= Some(1) && most <= least.map(|least| least + 1));
            }
        }
    }
}
