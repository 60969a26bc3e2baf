use std::ops::Range;
use std::time::{Duration, Instant};

use super::parcel::{Parcel, Permit};
use super::{CREDIT, WAITING};
use crate::comm::{Backoff, Channel, Comm, GRACE, Interrupt, Wire};
use crate::engine::Engine;
use crate::{Backend, Cancel, Cause, Error, IndexSet, Result, Sink};

/// Root's sink: its own outputs and everybody else's.
pub(super) struct Taking<'c, 's, O> {
    comm: &'c dyn Comm,
    sink: &'s mut dyn Sink<O>,
    done: IndexSet,
    checkpoint: Duration,
    committed: Instant,
    /// Items of others that are written and not committed.
    fresh: Vec<usize>,
    workers: Vec<Worker>,
    /// Bytes of the largest parcel so far.
    largest: usize,
    told: Instant,
    /// After the first failure of the sink, parcels are taken and dropped.
    failed: bool,
}

/// What root knows of a rank.
struct Worker {
    /// Parcels taken and not acknowledged.
    taken: usize,
    /// The limit last told.
    limit: usize,
    ended: bool,
}

impl<'c, 's, O: Wire> Taking<'c, 's, O> {
    /// The longest that root takes parcels in one go: it has items, a interrupt and a cancellation
    /// to look after.
    const TURN: Duration = Duration::from_millis(5);

    pub(super) fn new<B: Backend>(
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
            largest: 0,
            told: Instant::now(),
            failed: false,
        }
    }

    fn all_ended(&self) -> bool {
        self.workers.iter().all(|worker| worker.ended)
    }

    /// Takes what has arrived and tells the workers how far they may go. Returns whether anything
    /// had arrived.
    fn take_arrived(&mut self) -> Result<bool, Cause> {
        let since = Instant::now();
        let mut any = false;
        while !self.all_ended() && since.elapsed() < Self::TURN {
            let Some((rank, bytes)) = self.comm.poll(None, Channel::OUTPUT)? else {
                break;
            };
            self.take(rank, &bytes)?;
            any = true;
        }
        if !self.fresh.is_empty() && !self.failed && self.committed.elapsed() >= self.checkpoint {
            self.commit(&[])?;
        }
        let often = Duration::from_micros(1000 + 20 * self.comm.size() as u64);
        if self.told.elapsed() >= often {
            self.told = Instant::now();
            for rank in 0..self.workers.len() {
                self.permit(rank, 1)?;
            }
            // Only a poll of one rank notices that this rank is gone.
            for rank in 0..self.workers.len() {
                if !self.workers[rank].ended
                    && let Some((_, bytes)) = self.comm.poll(Some(rank), Channel::OUTPUT)?
                {
                    self.take(rank, &bytes)?;
                    any = true;
                }
            }
        }
        Ok(any)
    }

    fn take(&mut self, rank: usize, bytes: &[u8]) -> Result<(), Cause> {
        let taken = match Parcel::from_bytes(bytes)? {
            Parcel::End => {
                self.workers[rank].ended = true;
                let last = Permit::None.to_bytes();
                return Ok(self.comm.send(rank, Channel::PERMIT, &last)?);
            }
            _ if self.failed => Ok(()),
            Parcel::Output(index, output) => {
                let written = self.sink.write(index, output);
                self.fresh.extend(written.is_ok().then_some(index));
                written
            }
            Parcel::Failed(index) => self.sink.failed(index),
        };
        self.workers[rank].taken += 1;
        self.largest = self.largest.max(bytes.len());
        self.failed |= taken.is_err();
        taken?;
        self.permit(rank, self.credit() / 2)
    }

    /// How many parcels of a worker may wait here, so that those of all workers together are within
    /// [`WAITING`].
    fn credit(&self) -> usize {
        let of_all = self.largest.saturating_mul(self.workers.len()).max(1);
        (WAITING / of_all).clamp(1, CREDIT)
    }

    /// Sends a permit to a worker with at least `enough` parcels taken, or whose limit has moved
    /// when `enough` is 1.
    fn permit(&mut self, rank: usize, enough: usize) -> Result<(), Cause> {
        let (limit, credit) = (self.sink.limit()?, self.credit());
        let worker = &mut self.workers[rank];
        let moved = enough == 1 && worker.limit != limit;
        if !worker.ended && (worker.taken >= enough.max(1) || moved) {
            let permit: Permit = Some((worker.taken, limit, credit));
            self.comm.send(rank, Channel::PERMIT, &permit.to_bytes())?;
            (worker.taken, worker.limit) = (0, limit);
        }
        Ok(())
    }

    /// Takes what is left when root's own items are done, with `outcome`, until every worker has
    /// ended, and commits it. A failure or a cancellation on the way rings `interrupt`.
    ///
    /// # Errors
    /// `outcome`, or the first failure; [`Error::Stranded`] when root failed and a worker does not
    /// end within the grace.
    pub(super) fn rest(
        mut self,
        mut outcome: Result<()>,
        interrupt: &mut Interrupt<'_>,
        cancel: &Cancel,
    ) -> Result<()> {
        let mut backoff = Backoff::new();
        let mut failing: Option<Instant> = None;
        let mut stranded = false;
        while !self.all_ended() && !stranded {
            match self.take_arrived() {
                Ok(true) => backoff = Backoff::new(),
                Ok(false) => self.comm.rest(&mut backoff),
                Err(cause) => {
                    let lost = matches!(cause.downcast_ref(), Some(Error::PeerLost { .. }));
                    outcome = first_failure(outcome, Error::Sink(cause));
                    if lost {
                        return outcome;
                    }
                }
            }
            // The others may hear of it through this rank only.
            let _ = interrupt.is_raised();
            if outcome.is_ok() && cancel.is_cancelled() {
                outcome = Err(Error::Cancelled);
            }
            if outcome.is_err() {
                interrupt.raise();
            }
            if matches!(&outcome, Err(error) if !matches!(error, Error::Cancelled)) {
                stranded = failing.get_or_insert_with(Instant::now).elapsed() > GRACE;
            }
        }
        if let Err(cause) = self.sink.commit(&self.fresh) {
            interrupt.raise();
            outcome = first_failure(outcome, Error::Sink(cause));
        }
        match outcome {
            Err(error) if stranded => Err(Error::Stranded(Box::new(error))),
            outcome => outcome,
        }
    }
}

/// The first failure counts, and any failure more than a cancellation.
fn first_failure(outcome: Result<()>, error: Error) -> Result<()> {
    match outcome {
        Ok(()) | Err(Error::Cancelled) => Err(error),
        failed => failed,
    }
}

impl<O: Wire> Sink<O> for Taking<'_, '_, O> {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        Ok(self.done.within(within))
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
