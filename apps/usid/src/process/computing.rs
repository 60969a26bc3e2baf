//! The part of a run that computes.

use jobwise_core::{Backend, Comm, Cpu, Engine, IndexSet, Memory, Observer};
use jobwise_hdf5::amendment::Writable;

use super::batches::Batches;
use super::pieces::Plan;
use super::rounds::Rounds;
use super::run::engine_error;
use super::store::Store;
use super::tally::{Tallies, Tally};
use super::{Process, Settings, Writer};

/// A process that is ready to run into a results group, on one rank.
pub(super) struct Computing<'a, B, P> {
    pub(super) backend: &'a B,
    pub(super) process: &'a P,
    pub(super) settings: &'a Settings,
    pub(super) plan: Plan,
    pub(super) group: &'a str,
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
            Writer::Parallel => self.parallel(complete),
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
        let comm = self.backend.comm();
        let kernel = Batches {
            process: self.process,
            outputs: &self.plan.outputs,
            cut: self.plan.cut,
            first: 0,
            items: self.plan.cut.items(),
            is_strict: self.settings.is_strict,
            tallies: &self.tallies,
        };
        let engine = Engine::new(self.backend)
            .job(self.settings.job)
            .division(self.settings.sharing.division(None))
            .cancel(&self.settings.cancel)
            .observer(self.observer)
            .checkpoint(self.settings.checkpoint);
        let store = claimed.map(|file| Store::open(file, self.group, self.plan.clone(), complete));
        match comm.agree(store.transpose().map_err(engine_error))? {
            Some(mut store) => {
                engine.write_at_root(&kernel, &mut store)?;
                Ok(store.complete().len())
            }
            None => engine.write_at_root(&kernel, &mut Memory::new()).map(|_| 0),
        }
    }

    /// All ranks write together; how many positions are marked in the end. Collective.
    fn parallel(&self, complete: IndexSet) -> jobwise_core::Result<usize> {
        let path = &self.settings.file;
        let rounds = Rounds::open(path, self.group, &self.plan, complete);
        let rounds = self.backend.comm().agree(rounds.map_err(engine_error))?;
        rounds.run(self)
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
