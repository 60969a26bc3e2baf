use super::Engine;
use crate::{Backend, Kernel, Reduce, Result, Wire, Workload};

impl<B: Backend> Engine<'_, B> {
    /// Computes the job's items and returns all outputs with their indices, in index order, on
    /// every rank. Collective. For small outputs: all of them are in memory on every rank.
    ///
    /// # Errors
    /// As for [`reduce`](Engine::reduce).
    pub fn collect<K: Kernel<B::Device> + Workload>(
        &self,
        kernel: &K,
    ) -> Result<Vec<(usize, K::Output)>>
    where
        K::Output: Wire,
    {
        self.reduce(kernel, &Append)
    }
}

/// One output after the other: the tree's merges keep the order.
struct Append;

impl<O: Wire> Reduce<O> for Append {
    type Acc = Vec<(usize, O)>;

    fn identity(&self) -> Self::Acc {
        Vec::new()
    }

    fn fold(&self, acc: &mut Self::Acc, index: usize, output: O) {
        acc.push((index, output));
    }

    fn merge(&self, left: &mut Self::Acc, right: Self::Acc) {
        left.extend(right);
    }
}
