mod combine;
mod folding;
mod parts;

use std::collections::VecDeque;

use super::Engine;
use super::assignment::blocks;
use crate::comm::Interrupt;
use crate::reduce::Tree;
use crate::{Backend, Kernel, Reduce, Result, Workload};
use folding::{Folding, Open};
use parts::Parts;

impl<B: Backend> Engine<'_, B> {
    /// Computes the job's items and combines them into one value, the same bits on every rank, for
    /// any number of ranks and lanes and any division. The leaves are the engine's blocks: another
    /// width is another order of addition. Collective.
    ///
    /// At most `2 log2(blocks) + lanes` accumulators are alive on a rank, and one more as bytes on
    /// its way; and at most `2 * lanes * grain` outputs wait for an item before them. The engine's
    /// layout deals blocks to jobs only: the ranks of a job get neighbours.
    ///
    /// # Errors
    /// On every rank when one fails, as for [`write`](Engine::write), and with a
    /// [leased](crate::Division::Leased) division.
    pub fn reduce<K: Kernel<B::Device> + Workload, R: Reduce<K::Output>>(
        &self,
        kernel: &K,
        reduce: &R,
    ) -> Result<R::Acc> {
        self.is_whole()?;
        let comm = self.backend.comm();
        let blocks = blocks(self.block, kernel.len()).part(self.job, self.layout);
        let parts = comm.agree(Parts::new(self.division, blocks.len(), comm))?;
        let mut folding = Folding {
            reduce,
            parts,
            interrupt: Interrupt::new(comm),
            cancel: &self.cancel,
            blocks,
            width: self.block,
            len: kernel.len(),
            ready: VecDeque::new(),
            open: Open::new(self.backend.lanes(), self.backend.grain()),
            tree: Tree::new(blocks.len()),
            error: None,
        };
        if let Err(error) = self
            .backend
            .drive(kernel, &|index| kernel.read(index), &mut folding)
        {
            folding.fail(error);
        }
        let outcome = folding.error.map_or(Ok(()), Err);
        folding.interrupt.settle(outcome, &self.cancel)?;
        combine::combine(comm, reduce, blocks.len(), folding.tree)
    }
}
