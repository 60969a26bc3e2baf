use std::ops::Range;
use std::time::{Duration, Instant};

use super::feed::{self, Feed};
use super::{Engine, Report};
use crate::comm::{Comm, Patience, Tag, Wire};
use crate::{Backend, Cause, Error, IndexSet, Kernel, Result, Sink};

/// The most outputs of one worker that root has not taken yet: what bounds the memory of a run.
const CREDIT: usize = 64;

impl<B: Backend> Engine<'_, B> {
    /// Computes the job's items; rank 0 writes all of them to its `sink`, on its calling thread. The sinks of other ranks
    /// are not used. Collective.
    ///
    /// A worker has at most 64 outputs, and what its lanes hold, on the way. On a backend whose calling
    /// thread computes, root takes outputs between two of its own items.
    ///
    /// # Errors
    /// As for [`write`](Engine::write).
    pub fn write_at_root<K: Kernel<B::Device>>(
        &self,
        kernel: &K,
        sink: &mut dyn Sink<K::Output>,
    ) -> Result<Report>
    where
        K::Output: Wire,
    {
        let comm = self.backend.comm();
        if comm.size() == 1 {
            return self.write(kernel, sink);
        }
        let start = if comm.rank() == 0 {
            self.survey(kernel.len(), sink)
        } else {
            Ok((IndexSet::new(), 0))
        };
        let mut bytes = comm.agree(start)?.to_bytes();
        comm.broadcast(0, &mut bytes)?;
        let (done, limit) = <(IndexSet, usize)>::from_bytes(&bytes)?;
        let feed = comm.agree(Feed::new(self, comm, kernel.len()))?;
        let (outcome, report, bell) = if comm.rank() == 0 {
            let mut taking = Taking::new(self, sink, done, limit);
            let (outcome, report, mut bell) = self.drive(kernel, &mut taking, feed);
            let rest = taking.rest();
            if rest.is_err() {
                bell.ring();
            }
            (outcome.and(rest), report, bell)
        } else {
            let mut shipping = Shipping {
                comm,
                done,
                limit,
                untaken: 0,
            };
            let (outcome, report, bell) = self.drive(kernel, &mut shipping, feed);
            let end = comm.send(0, Tag::Output, &Parcel::<K::Output>::End.to_bytes());
            (outcome.and(end), report, bell)
        };
        bell.settle(outcome)?;
        report.of_all(comm)
    }

    /// What an earlier run did of the job, and how far ahead items may start.
    fn survey<O>(&self, len: usize, sink: &mut dyn Sink<O>) -> Result<(IndexSet, usize)> {
        let mut done = IndexSet::new();
        for items in feed::items(self, len) {
            let here = sink.done(items.clone()).map_err(Error::Sink)?;
            let mut at = items.start;
            for gap in here.missing(items.clone()) {
                done.insert(at..gap.start);
                at = gap.end;
            }
            done.insert(at..items.end);
        }
        Ok((done, sink.limit().map_err(Error::Sink)?))
    }
}

/// What a worker sends to root.
enum Parcel<O> {
    Output(usize, O),
    Failed(usize),
    End,
}

impl<O: Wire> Wire for Parcel<O> {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Parcel::Output(index, output) => {
                0u8.put(out);
                index.put(out);
                output.put(out);
            }
            Parcel::Failed(index) => {
                1u8.put(out);
                index.put(out);
            }
            Parcel::End => 2u8.put(out),
        }
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        match u8::take(input)? {
            0 => Ok(Parcel::Output(usize::take(input)?, O::take(input)?)),
            1 => Ok(Parcel::Failed(usize::take(input)?)),
            2 => Ok(Parcel::End),
            other => Err(Error::Malformed(format!("parcel {other}"))),
        }
    }
}

/// A worker's sink: outputs go to root.
struct Shipping<'c> {
    comm: &'c dyn Comm,
    done: IndexSet,
    limit: usize,
    untaken: usize,
}

impl Shipping<'_> {
    fn send<O: Wire>(&mut self, parcel: &Parcel<O>) -> Result<(), Cause> {
        self.untaken += 1;
        Ok(self.comm.send(0, Tag::Output, &parcel.to_bytes())?)
    }
}

impl<O: Wire> Sink<O> for Shipping<'_> {
    fn done(&mut self, _: Range<usize>) -> Result<IndexSet, Cause> {
        Ok(self.done.clone())
    }

    fn limit(&mut self) -> Result<usize, Cause> {
        while let Some((_, permit)) = self.comm.poll(Some(0), Tag::Permit)? {
            let (taken, limit) = <(usize, usize)>::from_bytes(&permit)?;
            self.untaken = self.untaken.saturating_sub(taken);
            self.limit = limit;
        }
        Ok(if self.untaken < CREDIT { self.limit } else { 0 })
    }

    fn write(&mut self, index: usize, output: O) -> Result<(), Cause> {
        self.send(&Parcel::Output(index, output))
    }

    fn failed(&mut self, index: usize) -> Result<(), Cause> {
        self.send(&Parcel::<O>::Failed(index))
    }
}

/// Root's sink: its own outputs and everybody else's.
struct Taking<'c, 's, O> {
    comm: &'c dyn Comm,
    sink: &'s mut dyn Sink<O>,
    done: IndexSet,
    checkpoint: Duration,
    committed: Instant,
    /// Items of others that are written and not committed.
    fresh: Vec<usize>,
    /// By rank: parcels taken and not acknowledged, the limit last told, and whether it has ended.
    workers: Vec<Worker>,
    told: Instant,
    /// After the first failure of the sink, parcels are taken and dropped.
    failed: bool,
}

struct Worker {
    taken: usize,
    limit: usize,
    ended: bool,
}

impl<'c, 's, O: Wire> Taking<'c, 's, O> {
    fn new<B: Backend>(
        engine: &'c Engine<'c, B>,
        sink: &'s mut dyn Sink<O>,
        done: IndexSet,
        limit: usize,
    ) -> Self {
        let comm = engine.backend.comm();
        let worker = |rank| Worker {
            taken: 0,
            limit,
            ended: rank == 0,
        };
        Taking {
            comm,
            sink,
            done,
            checkpoint: engine.checkpoint,
            committed: Instant::now(),
            fresh: Vec::new(),
            workers: (0..comm.size()).map(worker).collect(),
            told: Instant::now(),
            failed: false,
        }
    }

    /// Takes what has arrived and tells the workers how far they may go.
    fn take_arrived(&mut self) -> Result<(), Cause> {
        while self.workers.iter().any(|w| !w.ended) {
            let Some((rank, bytes)) = self.comm.poll(None, Tag::Output)? else {
                break;
            };
            let parcel = Parcel::from_bytes(&bytes)?;
            if matches!(parcel, Parcel::End) {
                self.workers[rank].ended = true;
                continue;
            }
            self.workers[rank].taken += 1;
            if !self.failed {
                let taken = match parcel {
                    Parcel::Output(index, output) => {
                        let written = self.sink.write(index, output);
                        self.fresh.extend(written.is_ok().then_some(index));
                        written
                    }
                    Parcel::Failed(index) => self.sink.failed(index),
                    Parcel::End => Ok(()),
                };
                self.failed = taken.is_err();
                taken?;
            }
            self.permit(CREDIT / 2)?;
        }
        if !self.fresh.is_empty() && !self.failed && self.committed.elapsed() >= self.checkpoint {
            self.commit(&[])?;
        }
        let often = Duration::from_micros(1000 + 20 * self.comm.size() as u64);
        if self.told.elapsed() >= often {
            self.told = Instant::now();
            self.permit(1)?;
        }
        Ok(())
    }

    /// Sends a permit to the workers with at least `enough` parcels taken, or whose limit has moved when `enough` is 1.
    fn permit(&mut self, enough: usize) -> Result<(), Cause> {
        let limit = self.sink.limit()?;
        for (rank, worker) in self.workers.iter_mut().enumerate() {
            let moved = enough == 1 && worker.limit != limit;
            if !worker.ended && (worker.taken >= enough || moved) {
                let permit = (worker.taken, limit).to_bytes();
                self.comm.send(rank, Tag::Permit, &permit)?;
                (worker.taken, worker.limit) = (0, limit);
            }
        }
        Ok(())
    }

    /// Takes what is left when root's own items are done, until every worker has ended, and commits it.
    fn rest(mut self) -> Result<()> {
        let mut outcome = Ok(());
        let mut patience = Patience::new();
        while self.workers.iter().any(|w| !w.ended) {
            match self.take_arrived() {
                Ok(()) => patience.rest(),
                Err(cause) => {
                    let lost = matches!(
                        cause.downcast_ref(),
                        Some(Error::PeerLost { .. } | Error::Backend(_))
                    );
                    outcome = outcome.and(Err(Error::Sink(cause)));
                    if lost {
                        return outcome;
                    }
                }
            }
        }
        let committed = self.sink.commit(&self.fresh).map_err(Error::Sink);
        outcome.and(committed)
    }
}

impl<O: Wire> Sink<O> for Taking<'_, '_, O> {
    fn done(&mut self, _: Range<usize>) -> Result<IndexSet, Cause> {
        Ok(self.done.clone())
    }

    fn limit(&mut self) -> Result<usize, Cause> {
        self.take_arrived()?;
        self.sink.limit()
    }

    fn write(&mut self, index: usize, output: O) -> Result<(), Cause> {
        self.sink.write(index, output)
    }

    fn failed(&mut self, index: usize) -> Result<(), Cause> {
        self.sink.failed(index)
    }

    fn commit(&mut self, fresh: &[usize]) -> Result<(), Cause> {
        let mut all = std::mem::take(&mut self.fresh);
        all.extend(fresh);
        self.committed = Instant::now();
        self.sink.commit(&all)
    }
}
