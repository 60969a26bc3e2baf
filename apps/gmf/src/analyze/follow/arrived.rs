use jobwise_core::{Cause, CpuKernel, Signature, Workload};

use crate::analyze::kernel::{Integrations, Row};

/// Computes integrations by their numbers: the samples of one that has arrived are read on the
/// lane.
pub(super) struct Arrived<'a>(pub(super) &'a Integrations);

impl Signature for Arrived<'_> {
    type Item<'t>
        = usize
    where
        Self: 't;
    type Output = Row;
}

impl CpuKernel for Arrived<'_> {
    type Scratch = <Integrations as CpuKernel>::Scratch;

    fn scratch(&self) -> Result<Self::Scratch, Cause> {
        self.0.scratch()
    }

    fn compute(
        &self,
        _: usize,
        integration: usize,
        scratch: &mut Self::Scratch,
    ) -> Result<Row, Cause> {
        let samples = self.0.read(integration)?;
        self.0.compute(integration, samples, scratch)
    }
}
