use std::time::{Duration, Instant};

use super::crediting::Crediting;
use super::dealing::Dealing;
use super::own::Own;
use super::parcel::{Credit, Parcel};
use crate::comm::{Backoff, Channel, Comm, Wire};
use crate::engine::outputs::Outputs;
use crate::{Arrival, Backend, Nodes, Result};

/// A rank that reads and gives what it reads to those that compute.
pub(super) struct Distributing<'c, 'f, I> {
    comm: &'c dyn Comm,
    feed: Own<'f, I>,
    workers: Vec<Crediting<'c>>,
    dealing: Dealing,
    /// What there is no room for.
    held: Option<Arrival<I>>,
    /// Whether the feed has ended.
    has_ended: bool,
    looked: Instant,
}

impl<'c, 'f, I: Wire> Distributing<'c, 'f, I> {
    /// Items wait no longer than this for others that go with them, if the feed lets them.
    const FLUSH: Duration = Duration::from_millis(1);
    /// How often the rank looks whether the others are still there.
    const EVERY: Duration = Duration::from_millis(5);

    pub(super) fn new(
        comm: &'c dyn Comm,
        nodes: &Nodes,
        workers: &[usize],
        dealing: Dealing,
        feed: Own<'f, I>,
    ) -> Self {
        let worker = |&rank: &usize| Crediting::new(comm, nodes, rank);
        Distributing {
            comm,
            feed,
            workers: workers.iter().map(worker).collect(),
            dealing,
            held: None,
            has_ended: false,
            looked: Instant::now(),
        }
    }

    /// How many items were read.
    pub(super) fn read(&self) -> usize {
        self.feed.read()
    }

    /// Reads until the end of the feed, or until the run is to stop.
    pub(super) fn run<B: Backend, O>(&mut self, outputs: &mut Outputs<'_, '_, B, O>) -> Result<()> {
        let mut backoff = Backoff::new();
        let mut flushed = Instant::now();
        while !outputs.is_stopping()? {
            self.take_credits()?;
            if flushed.elapsed() >= Self::FLUSH {
                self.flush()?;
                flushed = Instant::now();
            }
            let has_moved = match self.next()? {
                Some(Arrival::Item(index, item)) => self.give(index, item)?,
                Some(Arrival::Notice(notice)) => self.give_all(notice)?,
                Some(Arrival::End) => {
                    self.has_ended = true;
                    return self.flush();
                }
                Some(Arrival::Wait) | None => false,
            };
            if has_moved {
                backoff = Backoff::new();
            } else {
                self.flush()?;
                backoff.snooze();
            }
        }
        Ok(())
    }

    /// The next item; `None` while nobody has room for one.
    fn next(&mut self) -> Result<Option<Arrival<I>>> {
        if let Some(held) = self.held.take() {
            return Ok(Some(held));
        }
        if self.workers.iter().all(|worker| worker.load().is_none()) {
            return Ok(None);
        }
        self.feed.poll().map(Some)
    }

    /// Gives an item to the rank that it is for; false when that has no room, and the item is held.
    fn give(&mut self, index: usize, item: I) -> Result<bool> {
        if let Some(worker) = self.worker_for(index) {
            worker.item(index, &item)?;
            return Ok(true);
        }
        self.held = Some(Arrival::Item(index, item));
        Ok(false)
    }

    /// The rank that an item is for, if it has room.
    fn worker_for(&mut self, index: usize) -> Option<&mut Crediting<'c>> {
        match self.dealing {
            Dealing::Fewest => {
                let free = self.workers.iter_mut().filter_map(|worker| {
                    let load = worker.load()?;
                    Some((load, worker))
                });
                free.min_by_key(|(load, _)| *load).map(|(_, worker)| worker)
            }
            Dealing::By(which) => {
                let ranks = self.workers.len();
                let worker = &mut self.workers[which(index, ranks) % ranks];
                worker.load().is_some().then_some(worker)
            }
        }
    }

    /// Gives a notice to all; false when one of them has no room, and the notice is held.
    fn give_all(&mut self, notice: Vec<u8>) -> Result<bool> {
        if self.workers.iter().any(|worker| worker.load().is_none()) {
            self.held = Some(Arrival::Notice(notice));
            return Ok(false);
        }
        let mut workers = self.workers.iter_mut();
        workers.try_for_each(|worker| worker.notice(&notice))?;
        Ok(true)
    }

    fn flush(&mut self) -> Result<()> {
        self.workers.iter_mut().try_for_each(Crediting::flush)
    }

    fn take_credits(&mut self) -> Result<()> {
        while let Some((rank, bytes)) = self.comm.poll(None, Channel::CREDIT)? {
            self.credit(rank, &bytes)?;
        }
        if self.looked.elapsed() >= Self::EVERY {
            self.looked = Instant::now();
            // Only a poll of one rank notices that this rank is gone.
            for at in 0..self.workers.len() {
                let rank = self.workers[at].rank();
                if let Some((rank, bytes)) = self.comm.poll(Some(rank), Channel::CREDIT)? {
                    self.credit(rank, &bytes)?;
                }
            }
        }
        Ok(())
    }

    fn credit(&mut self, rank: usize, bytes: &[u8]) -> Result<()> {
        let credit = Credit::from_bytes(bytes)?;
        let worker = self.workers.iter_mut().find(|worker| worker.rank() == rank);
        if let (Some(worker), Some((taken, window))) = (worker, credit) {
            worker.credit(taken, window);
        }
        Ok(())
    }

    /// Tells those that compute that nothing more comes, and what should have come.
    pub(super) fn end(&self) -> Result<()> {
        self.workers.iter().try_for_each(|worker| {
            let end = Parcel::<I>::end(worker.sent(), self.has_ended);
            self.comm.send(worker.rank(), Channel::STREAM, &end)
        })
    }

    /// Takes the credits that are still on their way, so that none is left for the next run.
    pub(super) fn close(&self) -> Result<()> {
        self.workers.iter().try_for_each(|worker| {
            loop {
                let (_, bytes) = self.comm.receive(Some(worker.rank()), Channel::CREDIT)?;
                if Credit::from_bytes(&bytes)?.is_none() {
                    return Ok(());
                }
            }
        })
    }
}
