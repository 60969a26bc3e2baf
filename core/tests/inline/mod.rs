use jobwise_core::{
    Backend, Backoff, Cluster, Cpu, Kernel, Next, Read, Result, Solo, Work, run_items, stage,
};

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
        work: &mut dyn Work<K::Output>,
    ) -> Result<()> {
        let mut scratch = stage(kernel, &Cpu)?;
        let mut backoff = Backoff::new();
        loop {
            match work.next(1) {
                Next::Start(items) => {
                    run_items(
                        kernel,
                        read,
                        &Cpu,
                        &mut scratch,
                        &items,
                        &mut |index, outcome| {
                            work.done(index, outcome);
                        },
                    );
                    backoff = Backoff::new();
                }
                Next::Wait => backoff.snooze(),
                Next::Finished | Next::Stop => return Ok(()),
            }
        }
    }
}
