use std::fmt;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use jobwise_core::{
    Backend, Cause, Cluster, Error, Kernel, LaneQueue, Read, Result, Scheduler, Solo,
};

use crate::device::Share;
use crate::fault::said;
use crate::host::Host;
use crate::lanes::{Told, hand_out, lane};
use crate::{Cuda, CudaKernel, Demand, room};

/// Lanes on devices: a host thread each, with a stream of its own, so that one reads and packs
/// while another computes. The calling thread hands out work, takes outputs and writes them.
#[derive(Clone, Debug)]
pub struct CudaBackend {
    devices: Vec<Cuda>,
    /// On each device.
    lanes: usize,
    /// Processes on this machine that use the same devices, this one included.
    ranks: usize,
    grain: usize,
    limit: Duration,
    /// Bytes that were free on each device when the backend was made.
    free: Vec<usize>,
}

/// How a kernel would run: for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevicePlan {
    /// The device, with its name.
    pub device: String,
    /// Batches under way at once.
    pub lanes: usize,
    /// Items of a batch.
    pub batch: usize,
    /// Bytes on the device for all its lanes.
    pub bytes: usize,
}

impl fmt::Display for DevicePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DevicePlan {
            device,
            lanes,
            batch,
            bytes,
        } = self;
        let memory = room::bytes(*bytes);
        write!(
            f,
            "{device}: {lanes} lanes, up to {batch} items at once on each, {memory}"
        )
    }
}

impl CudaBackend {
    /// Two lanes on each of these devices.
    ///
    /// # Errors
    /// When there is no device, or one does not say how much memory is free.
    pub fn new(devices: Vec<Cuda>) -> Result<CudaBackend> {
        if devices.is_empty() {
            return Err(Error::Backend("no CUDA device to compute on".into()));
        }
        let free = devices.iter().map(|device| {
            let (free, _) = device.memory().map_err(|error| refused(device, error))?;
            Ok(free)
        });
        let free = free.collect::<Result<Vec<usize>>>()?;
        let backend = CudaBackend {
            devices,
            lanes: 2,
            ranks: 1,
            grain: Cuda::MAX_GRAIN,
            limit: Share::WHOLE.limit,
            free,
        };
        Ok(backend.host_threads(None))
    }

    /// What lanes do in parallel between launches has so many threads of the host, for all of them
    /// together; one for each processor that this process may use, unless said.
    #[must_use]
    pub fn host_threads(self, threads: Option<usize>) -> CudaBackend {
        let host = Arc::new(Host::new(threads));
        let devices = self.devices.into_iter();
        CudaBackend {
            devices: devices
                .map(|device| device.with_host(host.clone()))
                .collect(),
            ..self
        }
    }

    /// So many lanes on each device.
    #[must_use]
    pub fn lanes_each(self, lanes: usize) -> CudaBackend {
        let lanes = lanes.max(1);
        CudaBackend { lanes, ..self }
    }

    /// So many processes of this machine share the devices and their memory, this one included.
    #[must_use]
    pub fn shared_by(self, ranks: usize) -> CudaBackend {
        let ranks = ranks.max(1);
        CudaBackend { ranks, ..self }
    }

    /// At most so many items at once on a lane, and at most [`Cuda::MAX_GRAIN`].
    #[must_use]
    pub fn at_most(self, items: usize) -> CudaBackend {
        let grain = items.clamp(1, Cuda::MAX_GRAIN);
        CudaBackend { grain, ..self }
    }

    /// A launch that takes longer than this ends the run; a minute unless said.
    #[must_use]
    pub fn time_limit(self, limit: Duration) -> CudaBackend {
        CudaBackend { limit, ..self }
    }

    /// The devices.
    pub fn devices(&self) -> &[Cuda] {
        &self.devices
    }

    /// How many lanes each device has.
    pub fn lanes_on_each(&self) -> usize {
        self.lanes
    }

    /// How a kernel would run on each device.
    ///
    /// # Errors
    /// Those of the kernel's demand, and when a device does not say how much memory is free.
    pub fn plan<K: CudaKernel>(&self, kernel: &K) -> Result<Vec<DevicePlan>> {
        let plan = |device: &Cuda| {
            let demand = kernel.demand(device).map_err(Error::Backend)?;
            let Demand { lane, item, .. } = demand;
            let batch = demand.room(device);
            let bytes = lane.saturating_add(item.saturating_mul(batch));
            Ok(DevicePlan {
                device: device.to_string(),
                lanes: self.lanes,
                batch,
                bytes: bytes.saturating_mul(self.lanes),
            })
        };
        self.shares()?.iter().map(plan).collect()
    }

    /// The devices, each with what one lane may use of it.
    fn shares(&self) -> Result<Vec<Cuda>> {
        let lanes = self.lanes * self.devices.len() * self.ranks;
        // A quarter of the host's memory for all lanes of all ranks.
        let host = available().map_or(usize::MAX, |bytes| bytes / 4 / lanes);
        let share = |(device, free): (&Cuda, &usize)| {
            let (now, _) = device.memory().map_err(|error| refused(device, error))?;
            // What others take meanwhile, and what the driver needs for itself, is not promised.
            let bytes = (free / self.ranks).min(now) / 20 * 19;
            Ok(device.with_share(Share {
                device: bytes / self.lanes,
                host,
                grain: self.grain,
                limit: self.limit,
            }))
        };
        self.devices.iter().zip(&self.free).map(share).collect()
    }
}

fn refused(device: &Cuda, error: cudarc::driver::DriverError) -> Error {
    Error::Backend(format!("{device}: {}", said(error)).into())
}

/// Bytes of memory that the host can still give, where it says so.
fn available() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: usize = line.split_whitespace().next()?.parse().ok()?;
    kilobytes.checked_mul(1024)
}

impl Backend for CudaBackend {
    type Device = Cuda;

    fn cluster(&self) -> &dyn Cluster {
        &Solo
    }

    fn lanes(&self) -> usize {
        self.lanes * self.devices.len()
    }

    fn grain(&self) -> usize {
        self.grain
    }

    fn drive<'k, K: Kernel<Cuda>>(
        &self,
        kernel: &'k K,
        read: Read<'_, K::Item<'k>>,
        scheduler: &mut dyn Scheduler<K::Output>,
    ) -> Result<()> {
        let devices = self.shares()?;
        // Every lane takes a hand-out in one launch.
        let wanted = devices.iter().map(|device| kernel.batch(device)).min();
        let batch = wanted.unwrap_or(1).clamp(1, self.grain);
        let queue = &LaneQueue::default();
        let (sender, receiver) = mpsc::channel();
        std::thread::scope(|scope| {
            let _closing = queue.closing();
            for (device, lane_of_device) in pairs(&devices, self.lanes) {
                let sender = sender.clone();
                let named = std::thread::Builder::new()
                    .name(format!("cuda-{}-{lane_of_device}", device.index()));
                named
                    .spawn_scoped(scope, move || lane(device, kernel, read, queue, &sender))
                    .map_err(|e| {
                        Error::Backend(Cause::from(format!("cannot start a thread: {e}")))
                    })?;
            }
            drop(sender);
            hand_out(scheduler, queue, &receiver, self.lanes(), batch)
        })?;
        // All lanes have ended. One that could not start may say so after the others did
        // everything: the same error as if it had been quick.
        receiver.try_iter().try_for_each(|told| match told {
            Told::Broken(error) => Err(error),
            Told::Done(..) => Ok(()),
        })
    }
}

/// Every lane of every device, the first lanes of all devices first.
fn pairs(devices: &[Cuda], lanes: usize) -> impl Iterator<Item = (&Cuda, usize)> {
    (0..lanes).flat_map(move |lane| devices.iter().map(move |device| (device, lane)))
}
