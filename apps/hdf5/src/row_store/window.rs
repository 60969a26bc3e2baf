use std::ops::Range;

use jobwise_core::{Batch, Cause, Device, Kernel, Signature, Workload};

/// Some neighbouring items of a workload, as a workload.
#[derive(Debug)]
pub(super) struct Window<'k, K> {
    pub(super) kernel: &'k K,
    pub(super) items: Range<usize>,
}

impl<K: Signature> Signature for Window<'_, K> {
    type Item<'t>
        = K::Item<'t>
    where
        Self: 't;
    type Output = K::Output;
}

impl<K: Workload> Workload for Window<'_, K> {
    fn len(&self) -> usize {
        self.items.len()
    }

    fn read(&self, index: usize) -> Result<Self::Item<'_>, Cause> {
        self.kernel.read(self.items.start + index)
    }
}

impl<D: Device, K: Kernel<D>> Kernel<D> for Window<'_, K> {
    type Scratch = K::Scratch;

    fn stage(&self, device: &D) -> Result<K::Scratch, Cause> {
        self.kernel.stage(device)
    }

    fn batch(&self, device: &D) -> usize {
        self.kernel.batch(device)
    }

    fn compute_batch<'t>(
        &'t self,
        device: &D,
        scratch: &mut K::Scratch,
        batch: Batch<'t, Self>,
        out: &mut dyn FnMut(usize, Result<K::Output, Cause>),
    ) {
        let first = self.items.start;
        let batch = batch.into_iter();
        let batch = batch.map(|(index, item)| (first + index, item)).collect();
        let mut out = |index: usize, outcome| out(index - first, outcome);
        self.kernel.compute_batch(device, scratch, batch, &mut out);
    }
}
