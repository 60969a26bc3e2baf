use std::collections::BTreeMap;
use std::fmt;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use cudarc::driver::sys::CUdevice_attribute as Attribute;
use cudarc::driver::sys::{self, CUresult};
use cudarc::driver::{
    CudaContext, CudaStream, DeviceRepr, DriverError, PinnedHostSlice, ValidAsZeroBits,
};
use jobwise_core::{Cause, Device, Indices};
use rayon::ThreadPool;

use crate::fault::{Broken, listed, said};
use crate::host::Host;
use crate::missing::{self, Missing};

/// A CUDA device with its primary context, and what one lane may use of it. Clones share the
/// context.
#[derive(Clone, Debug)]
pub struct Cuda {
    opened: Arc<Opened>,
    share: Share,
    host: Arc<Host>,
}

/// What one lane may use of a device, and of the host for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    /// Bytes on the device.
    pub(crate) device: usize,
    /// Bytes of pinned memory on the host.
    pub(crate) host: usize,
    /// The most items.
    pub(crate) grain: usize,
    /// How long a launch may take.
    pub(crate) limit: Duration,
}

impl Share {
    /// One lane that has the device to itself.
    pub(crate) const WHOLE: Share = Share {
        device: usize::MAX,
        host: usize::MAX,
        grain: Cuda::MAX_GRAIN,
        limit: Duration::from_mins(1),
    };
}

struct Opened {
    context: ManuallyDrop<Arc<CudaContext>>,
    index: usize,
    name: String,
    capability: (i32, i32),
    /// A launch did not end in time: whatever waits for the device would wait forever.
    is_hung: AtomicBool,
    /// The batches that are on the device, by their numbers.
    under_way: Mutex<BTreeMap<usize, Vec<usize>>>,
    /// How the device failed for good, as the first lane that noticed told it.
    failure: OnceLock<Arc<str>>,
}

/// A batch on a device, until it is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay<'d> {
    device: &'d Cuda,
    number: usize,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.device.under_way().remove(&self.number);
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "device {} ({})", self.index, self.name)
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        if !self.is_hung.load(Ordering::SeqCst) {
            // SAFETY: taken once, here; nobody has it afterwards.
            drop(unsafe { ManuallyDrop::take(&mut self.context) });
        }
    }
}

impl Cuda {
    /// The most items that a lane of a device takes at once.
    pub const MAX_GRAIN: usize = 4096;

    /// How many devices this machine has. The driver leaves out those that `CUDA_VISIBLE_DEVICES`
    /// does not name.
    ///
    /// # Errors
    /// [`Missing::Driver`] without a driver, [`Missing::Old`] with an old one, [`Missing::Refused`]
    /// when it fails.
    pub fn count() -> Result<usize, Missing> {
        missing::count()
    }

    /// Opens device `index`.
    ///
    /// # Errors
    /// When there is no driver or no such device, or the driver refuses.
    pub fn open(index: usize) -> Result<Cuda, Missing> {
        let count = Self::count()?;
        if index >= count {
            return Err(Missing::Device { index, count });
        }
        let opened = || {
            let context = CudaContext::new(index)?;
            // Threads that wait for the device sleep.
            context.set_blocking_synchronize()?;
            Ok(Opened {
                index,
                name: context.name()?,
                capability: context.compute_capability()?,
                is_hung: AtomicBool::new(false),
                under_way: Mutex::default(),
                failure: OnceLock::new(),
                context: ManuallyDrop::new(context),
            })
        };
        Ok(Cuda {
            opened: Arc::new(opened().map_err(Missing::Refused)?),
            share: Share::WHOLE,
            host: Arc::new(Host::new(None)),
        })
    }

    /// The device's number, as the driver counts.
    pub fn index(&self) -> usize {
        self.opened.index
    }

    /// The device's name, as the driver tells it.
    pub fn name(&self) -> &str {
        &self.opened.name
    }

    /// Compute capability, major and minor.
    pub fn capability(&self) -> (i32, i32) {
        self.opened.capability
    }

    /// The context, for kernels' streams and buffers.
    pub fn context(&self) -> &Arc<CudaContext> {
        &self.opened.context
    }

    /// How many multiprocessors it has: what fills the device is a multiple of these.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn processors(&self) -> Result<usize, DriverError> {
        let processors = Attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
        let processors = self.context().attribute(processors)?;
        Ok(usize::try_from(processors).unwrap_or(0))
    }

    /// The shared memory in bytes that one block may ask for.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn shared_memory(&self) -> Result<usize, DriverError> {
        let most = Attribute::CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
        let most = self.context().attribute(most)?;
        Ok(usize::try_from(most).unwrap_or(0))
    }

    /// Memory of the device that is free at this moment, and all of it, in bytes.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn memory(&self) -> Result<(usize, usize), DriverError> {
        self.context().mem_get_info()
    }

    /// Pinned memory of the host, zeros, for `len` elements. Transfers from and to it run beside
    /// what the host does. Its `as_slice` and `as_mut_slice` wait for transfers that are under way.
    ///
    /// # Errors
    /// When there is no memory, or the driver refuses.
    pub fn pinned<T: DeviceRepr + ValidAsZeroBits>(
        &self,
        len: usize,
    ) -> Result<PinnedHostSlice<T>, DriverError> {
        // SAFETY: the memory is filled before anybody sees it. It is cached (no flags), as the host
        // reads it too.
        let mut pinned = unsafe { self.context().alloc_pinned_with_flags::<T>(len, 0) }?;
        let start = pinned.as_mut_ptr()?;
        // SAFETY: `len` elements are there, and zeros are a value of theirs.
        unsafe { std::ptr::write_bytes(start, 0, len) };
        Ok(pinned)
    }

    /// Waits until all that was enqueued on `stream` is done. The thread sleeps meanwhile.
    ///
    /// # Errors
    /// What the device says of it; `CUDA_ERROR_LAUNCH_TIMEOUT` when it is not done within the
    /// limit, after which the device is given up: nothing of it is waited for or freed any more.
    pub fn wait(&self, stream: &CudaStream) -> Result<(), DriverError> {
        /// The shortest and the longest sleep; between them an eighth of what it took so far.
        const NAPS: [Duration; 2] = [Duration::from_micros(20), Duration::from_millis(1)];
        let begun = Instant::now();
        while !self.is_done(stream)? {
            let waited = begun.elapsed();
            if waited > self.share.limit {
                self.opened.is_hung.store(true, Ordering::SeqCst);
            }
            sleep((waited / 8).clamp(NAPS[0], NAPS[1]));
        }
        Ok(())
    }

    /// Whether all that was enqueued on `stream` is done.
    fn is_done(&self, stream: &CudaStream) -> Result<bool, DriverError> {
        if self.is_hung() {
            return Err(DriverError(CUresult::CUDA_ERROR_LAUNCH_TIMEOUT));
        }
        self.context().bind_to_thread()?;
        // SAFETY: the stream lives as long as its borrow.
        match unsafe { sys::cuStreamQuery(stream.cu_stream()) }.result() {
            Ok(()) => Ok(true),
            Err(DriverError(CUresult::CUDA_ERROR_NOT_READY)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Why the device cannot go on, if so: an error of a context stays. Asked through the stream of
    /// the lane that wants to know, so that no lane waits for another.
    pub(crate) fn ailment(&self, stream: &CudaStream) -> Option<DriverError> {
        self.is_done(stream).err()
    }

    fn under_way(&self) -> MutexGuard<'_, BTreeMap<usize, Vec<usize>>> {
        // Nothing panics while the lock is held.
        let under_way = self.opened.under_way.lock();
        under_way.unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a batch of these items is on the device.
    pub(crate) fn begin(&self, items: Vec<usize>) -> UnderWay<'_> {
        let mut under_way = self.under_way();
        let number = under_way.last_key_value().map_or(0, |(last, _)| last + 1);
        under_way.insert(number, items);
        UnderWay {
            device: self,
            number,
        }
    }

    /// Why the device cannot go on: an error of a context is that of all batches that were on the
    /// device, so all are named. The same text for all lanes.
    pub(crate) fn fail(&self, kernel: &str, error: DriverError) -> Broken {
        let text = self.opened.failure.get_or_init(|| {
            let mut indices: Vec<usize> = self.under_way().values().flatten().copied().collect();
            indices.sort_unstable();
            let mut items = Indices::new();
            for index in indices {
                items.push(index..index + 1);
            }
            let what = if self.is_hung() {
                let limit = self.share.limit.as_secs_f64();
                format!("a launch did not end within {limit} s")
            } else {
                said(error)
            };
            format!(
                "{self} failed in {kernel}, items {}: {what}",
                listed(&items)
            )
            .into()
        });
        Broken(text.clone())
    }

    /// Whether a batch of some lane is on the device.
    pub(crate) fn is_busy(&self) -> bool {
        !self.under_way().is_empty()
    }

    /// How it failed for good, if a lane told.
    pub(crate) fn failure(&self) -> Option<Broken> {
        self.opened.failure.get().map(|text| Broken(text.clone()))
    }

    /// Whether a launch did not end in time.
    pub(crate) fn is_hung(&self) -> bool {
        self.opened.is_hung.load(Ordering::SeqCst)
    }

    /// Threads of the host for what a lane does in parallel between launches: as many as
    /// [`CudaBackend::host_threads`](crate::CudaBackend::host_threads) says, else one for each
    /// processor. All lanes of a backend share them, so nothing that waits for a device runs there.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn pool(&self) -> Result<&ThreadPool, Cause> {
        self.host.pool()
    }

    /// The same device, with these threads of the host.
    pub(crate) fn with_host(self, host: Arc<Host>) -> Cuda {
        Cuda { host, ..self }
    }

    pub(crate) fn share(&self) -> &Share {
        &self.share
    }

    /// The same device, of which a lane may use so much.
    pub(crate) fn with_share(&self, share: Share) -> Cuda {
        Cuda {
            opened: self.opened.clone(),
            share,
            host: self.host.clone(),
        }
    }
}

impl fmt::Display for Cuda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CUDA device {} ({})", self.index(), self.name())
    }
}

impl Device for Cuda {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_a_device_gets_a_clear_answer() {
        match Cuda::count() {
            Err(missing) => assert!(missing.to_string().contains("CUDA driver")),
            Ok(count) => {
                let error = Cuda::open(count).unwrap_err().to_string();
                assert!(
                    error.contains(&format!("no CUDA device {count}")),
                    "{error}"
                );
            }
        }
    }
}
