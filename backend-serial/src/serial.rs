use jobwise_core::{Backend, Cluster, Cpu, Kernel, Read, Result, Scheduler, Solo, drive_one_lane};

/// One lane: the calling thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct Serial;

impl Serial {
    /// The calling thread.
    pub fn new() -> Self {
        Serial
    }
}

impl Backend for Serial {
    type Device = Cpu;

    fn cluster(&self) -> &dyn Cluster {
        &Solo
    }

    fn lanes(&self) -> usize {
        1
    }

    fn drive<'k, K: Kernel<Cpu>>(
        &self,
        kernel: &'k K,
        read: Read<'_, K::Item<'k>>,
        scheduler: &mut dyn Scheduler<K::Output>,
    ) -> Result<()> {
        // One item at a time: what was computed is written before the next is read.
        drive_one_lane(&Cpu, 1, kernel, read, scheduler)
    }
}
