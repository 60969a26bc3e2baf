use jobwise_core::{Backend, Cluster, Cpu, Kernel, Read, Result, Scheduler, Solo, drive_one_lane};

/// A backend on one screen: the calling thread, one item at a time.
#[derive(Debug)]
pub(crate) struct Inline;

impl Backend for Inline {
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
        drive_one_lane(&Cpu, 1, kernel, read, scheduler)
    }
}
