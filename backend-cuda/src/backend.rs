use jobwise_core::{Backend, Cluster, Kernel, Read, Result, Scheduler, Solo, drive_one_lane};

use crate::Cuda;

/// One lane on a device, driven by the calling thread.
#[derive(Clone, Debug)]
pub struct CudaBackend {
    device: Cuda,
}

impl CudaBackend {
    /// The most items that the lane takes at once.
    const GRAIN: usize = 4096;

    /// Drives kernels on this device.
    pub fn new(device: Cuda) -> CudaBackend {
        CudaBackend { device }
    }
}

impl Backend for CudaBackend {
    type Device = Cuda;

    fn cluster(&self) -> &dyn Cluster {
        &Solo
    }

    fn lanes(&self) -> usize {
        1
    }

    fn grain(&self) -> usize {
        Self::GRAIN
    }

    fn drive<'k, K: Kernel<Cuda>>(
        &self,
        kernel: &'k K,
        read: Read<'_, K::Item<'k>>,
        scheduler: &mut dyn Scheduler<K::Output>,
    ) -> Result<()> {
        let want = kernel.batch(&self.device).clamp(1, Self::GRAIN);
        drive_one_lane(&self.device, want, kernel, read, scheduler)
    }
}
