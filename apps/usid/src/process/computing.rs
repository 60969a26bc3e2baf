//! The part of a run that computes.

use jobwise_core::{Backend, Comm, Cpu, Engine, IndexSet, Memory, Observer};
use jobwise_hdf5::amendment::Writable;
use jobwise_hdf5::row_store::{Plan, Rounds, RowStore, Writers};

use super::batches::{Batches, Spare};
use super::tally::{Tallies, Tally};
use super::{Output, Process, Settings, Writer};
use crate::error::engine_error;

/// A process that is ready to run into a results group, on one rank.
pub(super) struct Computing<'a, B, P> {
    pub(super) backend: &'a B,
    pub(super) process: &'a P,
    pub(super) settings: &'a Settings,
    /// The process's own, and the digests.
    pub(super) outputs: Vec<Output>,
    /// Where their rows lie.
    pub(super) plan: Plan,
    pub(super) observer: &'a dyn Observer,
    pub(super) tallies: Tallies,
}

impl<B: Backend<Device = Cpu>, P: Process> Computing<'_, B, P> {
    /// Computes what is not `complete`; how many positions are marked in the end, at root, and what
    /// all ranks met with. Collective.
    pub(super) fn run(
        &self,
        claimed: Option<&mut Writable>,
        complete: IndexSet,
    ) -> jobwise_core::Result<(usize, Tally)> {
        let now = match self.settings.writer {
            Writer::Single => self.single(claimed, complete),
            Writer::Parallel => self.together(Writers::Ranks, complete),
            Writer::Nodes => self.together(Writers::Nodes, complete),
        }?;
        sums(self.backend.comm(), now, &self.tallies.sum())
    }

    /// Rank 0, which has claimed the file, writes; how many positions are marked in the end, there.
    /// Collective.
    fn single(
        &self,
        claimed: Option<&mut Writable>,
        complete: IndexSet,
    ) -> jobwise_core::Result<usize> {
        let (comm, kernel) = (self.backend.comm(), self.kernel());
        let engine = Engine::new(self.backend)
            .job(self.settings.job)
            .division(self.settings.sharing.division(None))
            .cancel(&self.settings.cancel)
            .observer(self.observer)
            .checkpoint(self.settings.checkpoint);
        let store = claimed.map(|file| RowStore::open(file, self.plan.clone(), complete));
        let store = store
            .transpose()
            .map_err(|error| engine_error(error.into()));
        match comm.agree(store)? {
            Some(mut store) => {
                engine.write_at_root(&kernel, &mut store)?;
                Ok(store.complete().len())
            }
            None => engine.write_at_root(&kernel, &mut Memory::new()).map(|_| 0),
        }
    }

    /// Several ranks write together; how many positions are marked in the end. Collective.
    fn together(&self, writers: Writers, complete: IndexSet) -> jobwise_core::Result<usize> {
        let rounds = Rounds {
            backend: self.backend,
            job: self.settings.job,
            writers,
            cancel: &self.settings.cancel,
            checkpoint: self.settings.checkpoint,
            memory: self.settings.memory,
            observer: self.observer,
        };
        rounds.run(&self.settings.file, &self.plan, complete, &self.kernel())
    }

    fn kernel(&self) -> Batches<'_, P> {
        Batches {
            process: self.process,
            outputs: &self.outputs,
            partition: self.plan.partition,
            is_strict: self.settings.is_strict,
            tallies: &self.tallies,
            spare: Spare::default(),
        }
    }
}

/// Root's count of positions, and the sum of all ranks' tallies.
fn sums(comm: &dyn Comm, now: usize, tally: &Tally) -> jobwise_core::Result<(usize, Tally)> {
    comm.all_reduce(tally, |all| {
        let mut sum = Tally::default();
        for tally in &all {
            sum.add(tally);
        }
        (now, sum)
    })
}
