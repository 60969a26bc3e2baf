use jobwise_core::{
    Backend, Backoff, Cluster, Kernel, Next, Read, Result, Solo, Work, run_items, stage,
};

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
        work: &mut dyn Work<K::Output>,
    ) -> Result<()> {
        let mut scratch = stage(kernel, &self.device)?;
        let want = kernel.batch(&self.device).clamp(1, Self::GRAIN);
        let mut backoff = Backoff::new();
        loop {
            match work.next(want) {
                Next::Start(items) => {
                    let mut done = |index, outcome| work.done(index, outcome);
                    run_items(kernel, read, &self.device, &mut scratch, &items, &mut done);
                    backoff = Backoff::new();
                }
                Next::Wait => backoff.snooze(),
                Next::Finished | Next::Stop => return Ok(()),
            }
        }
    }
}
