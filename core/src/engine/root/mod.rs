mod parcel;
mod shipping;
mod taking;

use super::assignment::{self, Assignment};
use super::{Engine, Report};
use crate::comm::Wire;
use crate::{Backend, Error, IndexSet, Kernel, Result, Sink, Workload};
use shipping::Shipping;
use taking::Taking;

/// The most outputs of one worker that root has not taken yet.
const CREDIT: usize = 64;
/// The most bytes of outputs of all workers that wait at root, or one output of each.
const WAITING: usize = 64 << 20;

impl<B: Backend> Engine<'_, B> {
    /// Computes the job's items; rank 0 writes all of them to its `sink`, on its calling thread.
    /// The sinks of other ranks are not used. Collective.
    ///
    /// A worker has at most 64 outputs, and what its lanes hold, on the way, and fewer where those
    /// of all workers would amount to more than 64 MiB: at least one. On a backend whose calling
    /// thread computes, root takes outputs between two of its own items.
    ///
    /// # Errors
    /// As for [`write`](Engine::write). With a [leased](crate::Division::Leased) division, on every
    /// rank.
    pub fn write_at_root<K: Kernel<B::Device> + Workload>(
        &self,
        kernel: &K,
        sink: &mut dyn Sink<K::Output>,
    ) -> Result<Report>
    where
        K::Output: Wire,
    {
        self.is_whole()?;
        let comm = self.backend.comm();
        if comm.size() == 1 {
            return self.write(kernel, sink);
        }
        let (done, limit) = comm.compute_at_root(|| self.survey(kernel.len(), sink))?;
        let assignment = comm.agree(Assignment::new(self, comm, kernel.len()))?;
        let report = if comm.rank() == 0 {
            let mut taking = Taking::new(self, sink, done, limit);
            let (outcome, report, mut interrupt) = self.drive(kernel, &mut taking, assignment);
            let outcome = taking.rest(outcome, &mut interrupt, &self.cancel);
            if matches!(outcome, Err(Error::Stranded(_))) {
                outcome?;
            } else {
                interrupt.settle(outcome, &self.cancel)?;
            }
            report
        } else {
            let mut shipping = Shipping::new(comm, done, limit);
            let (outcome, report, interrupt) = self.drive(kernel, &mut shipping, assignment);
            let end = shipping.end::<K::Output>();
            let settled = interrupt.settle(outcome.and(end), &self.cancel);
            if matches!(settled, Err(Error::Stranded(_) | Error::PeerLost { .. })) {
                settled?;
            } else {
                // Only a root that is gone does not answer; an error of the run says more than
                // that.
                let closed = shipping.close();
                settled.and(closed)?;
            }
            report
        };
        report.of_all(comm)
    }

    /// What an earlier run did of the job, and how far ahead items may start.
    fn survey<O>(&self, len: usize, sink: &mut dyn Sink<O>) -> Result<(IndexSet, usize)> {
        let mut done = IndexSet::new();
        for items in assignment::items(self, len) {
            let here = sink.done(items.clone()).map_err(Error::Sink)?;
            here.within(items).runs().for_each(|run| done.insert(run));
        }
        Ok((done, sink.limit().map_err(Error::Sink)?))
    }
}
