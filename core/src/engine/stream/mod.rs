mod crediting;
mod dealing;
mod distributing;
mod hearing;
mod notice;
mod own;
mod parcel;
mod reader;
mod receiving;
mod slots;
mod streaming;

use super::outputs::Outputs;
use super::{Engine, Report};
use crate::comm::{Comm, Interrupt, Wire};
use crate::{Backend, Error, Feed, Job, Kernel, Result, Sink};
pub use dealing::Dealing;
use distributing::Distributing;
use hearing::Hearing;
use notice::NoNotices;
pub use notice::{Notice, NoticeHandler};
use own::Own;
use receiving::Receiving;
use slots::Slots;
use streaming::{Incoming, Streaming};

impl<B: Backend> Engine<'_, B> {
    /// Computes what `feed` brings until it ends; each rank writes the outputs of the items that it
    /// computed to its own `sink`. Collective. The division and the layout have no part in it.
    ///
    /// Ranks without a feed compute what the others read: an item goes to the rank that
    /// [`dealing`](Engine::dealing) says, and the items of one reader reach a rank in order. Ranks
    /// with a feed then only read. Where every rank has one, each computes its own.
    ///
    /// A feed is asked only while there is room: a rank that computes holds at most four times what
    /// its backend wants at once, at least four items per lane, of each reader; and no more than 64
    /// MiB on their way from one reader, or one item. What is written is committed also while
    /// nothing comes. All that was read is accounted for in the end, or the run fails.
    ///
    /// # Errors
    /// As for [`write`](Engine::write); when no rank has a feed, or the engine has a job that is
    /// not the whole; on every rank, when items were lost between the ranks.
    pub fn stream<'k, K: Kernel<B::Device>>(
        &self,
        kernel: &'k K,
        feed: Option<&mut dyn Feed<K::Item<'k>>>,
        sink: &mut dyn Sink<K::Output>,
    ) -> Result<Report>
    where
        K::Item<'k>: Wire,
    {
        self.stream_with_notices(kernel, feed, &mut NoNotices, sink)
    }

    /// As [`stream`](Engine::stream), of feeds that have [notices](crate::Arrival::Notice): each
    /// rank that computes handles them by its own `handler`. Collective. A notice takes the place
    /// of an item in the windows.
    ///
    /// # Errors
    /// As for [`stream`](Engine::stream), and those of handlers.
    pub fn stream_with_notices<'k, K: Kernel<B::Device>>(
        &self,
        kernel: &'k K,
        feed: Option<&mut dyn Feed<K::Item<'k>>>,
        handler: &mut dyn NoticeHandler,
        sink: &mut dyn Sink<K::Output>,
    ) -> Result<Report>
    where
        K::Item<'k>: Wire,
    {
        let comm = self.backend.comm();
        let roles = Roles::new(comm, feed.is_some())?;
        comm.agree(roles.check(self.job))?;
        let mut outputs = Outputs::new(self, sink, 0);
        match feed {
            Some(feed) if !roles.workers.is_empty() => {
                let own = Own::new(feed);
                let nodes = self.backend.cluster().nodes();
                let mut distributing =
                    Distributing::new(comm, nodes, &roles.workers, self.dealing, own);
                if let Err(error) = distributing.run(&mut outputs) {
                    outputs.fail(error);
                }
                let sent = distributing.end();
                let (outcome, report, interrupt) = outputs.end();
                self.settle(outcome.and(sent), interrupt, || distributing.close())?;
                account(comm, report, distributing.read())
            }
            Some(feed) => {
                let mut hearing = Hearing::new(Own::new(feed), comm.rank(), handler);
                let (outcome, report, interrupt) = self.compute(kernel, &mut hearing, outputs);
                interrupt.settle(outcome, &self.cancel)?;
                account(comm, report, hearing.read())
            }
            None => {
                let lanes = self.backend.lanes();
                let mut receiving = Receiving::new(comm, &roles.readers, lanes, handler);
                if let Err(error) = receiving.begin() {
                    outputs.fail(error);
                }
                let (outcome, report, interrupt) = self.compute(kernel, &mut receiving, outputs);
                self.settle(outcome, interrupt, || receiving.close())?;
                account(comm, report, 0)
            }
        }
    }

    /// Runs what comes in on this rank's lanes.
    fn compute<'e, 'k, K: Kernel<B::Device>>(
        &'e self,
        kernel: &'k K,
        incoming: &mut dyn Incoming<K::Item<'k>>,
        outputs: Outputs<'e, '_, B, K::Output>,
    ) -> (Result<()>, Report, Interrupt<'e>) {
        let slots = Slots::new();
        let mut streaming = Streaming::new(incoming, &slots, outputs);
        let read = |index| slots.take(index);
        if let Err(error) = self.backend.drive(kernel, &read, &mut streaming) {
            streaming.outputs.fail(error);
        }
        streaming.outputs.commit();
        streaming.outputs.end()
    }

    /// The common end of the run, after which nothing of it is left on the way.
    fn settle(
        &self,
        outcome: Result<()>,
        interrupt: Interrupt<'_>,
        close: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let settled = interrupt.settle(outcome, &self.cancel);
        if matches!(settled, Err(Error::Stranded(_) | Error::PeerLost { .. })) {
            return settled;
        }
        // Only a peer that is gone does not answer; an error of the run says more than that.
        settled.and(close())
    }
}

/// Who reads and who computes.
struct Roles {
    readers: Vec<usize>,
    workers: Vec<usize>,
}

impl Roles {
    /// Collective.
    fn new(comm: &dyn Comm, reads: bool) -> Result<Roles> {
        let reads = comm.all_gather(&reads)?;
        let with = |role: bool| {
            (0..reads.len())
                .filter(|&rank| reads[rank] == role)
                .collect()
        };
        Ok(Roles {
            readers: with(true),
            workers: with(false),
        })
    }

    fn check(&self, job: Job) -> Result<()> {
        if self.readers.is_empty() {
            return Err(Error::Program("no rank reads the stream".into()));
        }
        if job != Job::WHOLE {
            return Err(Error::Program("a stream has no jobs".into()));
        }
        Ok(())
    }
}

/// The report of all ranks, once all that they read is accounted for. Collective.
fn account(comm: &dyn Comm, report: Report, read: usize) -> Result<Report> {
    let report = report.of_all(comm)?;
    let read = comm.all_combine(read, |a, b| a + b)?;
    let settled = report.done + report.skipped + report.failed.len();
    if settled == read {
        Ok(report)
    } else {
        Err(Error::Backend(
            format!("{read} items were read and {settled} are accounted for").into(),
        ))
    }
}
