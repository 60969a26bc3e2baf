use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

use jobwise_core::{
    Backend, Cancel, Cause, Comm, Engine, Error as Ended, IndexSet, Job, Kernel, Layout, Observer,
    Progress, Result as Agreed, Sink, Span, Workload,
};

use super::collective_store::{CollectiveStore, ended};
use super::pending::Pending;
use super::window::Window;
use super::{Plan, Rows, Writers};

/// A run in which all ranks write one file together, in rounds: compute, write, mark. It needs
/// parallel HDF5 ([`collective`](crate::collective)).
#[derive(Clone, Debug)]
pub struct Rounds<'a, B> {
    /// What computes.
    pub backend: &'a B,
    /// Only this part of the items: contiguous.
    pub job: Job,
    /// Which ranks write.
    pub writers: Writers,
    /// The switch that ends the run early.
    pub cancel: &'a Cancel,
    /// The time that a round is to take.
    pub checkpoint: Duration,
    /// Memory for the rows of a round on each rank that writes, in bytes.
    pub memory: usize,
    /// Who watches the run.
    pub observer: &'a dyn Observer,
}

impl<B: Backend> Rounds<'_, B> {
    /// Computes and stores what is not `complete` in the file at `path`, which has all datasets of
    /// `plan`; how many positions need not be done again in the end. Collective.
    ///
    /// # Errors
    /// On every rank when one fails: the file cannot be opened, or is not as planned
    /// ([`RowStore::open`](super::RowStore::open)); an item fails; the file refuses rows; or the
    /// run is cancelled. Rounds that were stored before are marked all the same.
    pub fn run<K>(&self, path: &Path, plan: &Plan, complete: IndexSet, kernel: &K) -> Agreed<usize>
    where
        K: Kernel<B::Device> + Workload<Output = Rows>,
    {
        let comm = self.backend.comm();
        let store = CollectiveStore::open(path, plan, self.writers, complete);
        let mut store = comm.agree(store.map_err(ended))?;
        let part = part(self.job, plan.partition.items());
        let mut at = part.start;
        // Ranks may have different numbers of lanes, and must go the same rounds.
        let lanes: usize = comm.all_gather(&self.backend.lanes())?.into_iter().sum();
        let mut length = (2 * lanes).min(self.most(plan));
        while at < part.end {
            let started = Instant::now();
            let items = at..part.end.min(at + length);
            at = items.end;
            self.round(&mut store, plan, &Window { kernel, items })?;
            self.observer.progress(Progress {
                total: part.len(),
                done: at - part.start,
                skipped: 0,
                failed: 0,
            });
            length = self.next(length, started)?.min(self.most(plan));
        }
        store.flush(comm)?;
        Ok(store.complete().len())
    }

    /// Computes and stores the items of a window. Collective.
    fn round<K>(
        &self,
        store: &mut CollectiveStore<'_>,
        plan: &Plan,
        window: &Window<'_, K>,
    ) -> Agreed<()>
    where
        K: Kernel<B::Device> + Workload<Output = Rows>,
    {
        let mut held = Held {
            path: store.path(),
            complete: store.complete(),
            plan,
            first: window.items.start,
            rows: Pending::default(),
        };
        let engine = Engine::new(self.backend)
            .cancel(self.cancel)
            .checkpoint(self.checkpoint);
        let computed = engine.write(window, &mut held);
        let runs = held.rows.take(usize::MAX);
        // Also after an error elsewhere: what this round has finished is kept, and every rank must
        // take part.
        if !matches!(computed, Err(Ended::Stranded(_) | Ended::PeerLost { .. })) {
            store.store(self.backend.comm(), runs)?;
        }
        computed.map(drop)
    }

    /// Items of a round whose rows fit the memory of each rank that writes, twice over: as they
    /// come and as they are written.
    fn most(&self, plan: &Plan) -> usize {
        let each = self.memory / (2 * plan.item_bytes().max(1));
        let comm = self.backend.comm();
        (self.writers.count(comm) * each).max(comm.size())
    }

    /// The length of the next round in items: as many as fit the time between checkpoints, and at
    /// most twice as many as now. Root decides. Collective.
    fn next(&self, length: usize, started: Instant) -> Agreed<usize> {
        let comm: &dyn Comm = self.backend.comm();
        let took = started.elapsed().as_secs_f64().max(1e-6);
        let fitting = length as f64 * self.checkpoint.as_secs_f64() / took;
        let most = 2 * length;
        let length = (fitting as usize).clamp(comm.size(), most.max(comm.size()));
        comm.broadcast_value((comm.rank() == 0).then_some(length))
    }
}

/// The items of a job.
fn part(job: Job, items: usize) -> Range<usize> {
    let part = Span::whole(items).part(job, Layout::default());
    let first = part.get(0).unwrap_or(0);
    first..first + part.len()
}

/// The rows that this rank computed in a round.
struct Held<'r> {
    path: &'r Path,
    complete: &'r IndexSet,
    plan: &'r Plan,
    first: usize,
    rows: Pending,
}

impl Sink<Rows> for Held<'_> {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        let shifted = within.start + self.first..within.end + self.first;
        let done = self.plan.items_done(self.complete, shifted);
        let items = done.runs().flatten();
        Ok(items.map(|item| item - self.first).collect())
    }

    fn write(&mut self, index: usize, rows: Rows) -> Result<(), Cause> {
        let item = self.first + index;
        Ok(self.rows.add(self.plan, self.path, item, rows)?)
    }
}
