use std::time::{Duration, Instant};

use super::crediting::Crediting;
use super::own::Own;
use super::parcel::{Credit, Parcel};
use crate::comm::{Backoff, Channel, Comm, Wire};
use crate::engine::outputs::Outputs;
use crate::{Arrival, Backend, Feed, Result};

/// A rank that reads and gives what it reads to those that compute.
pub(super) struct Distributing<'c, 'f, I> {
    comm: &'c dyn Comm,
    feed: Own<'f, I>,
    workers: Vec<Crediting<'c, I>>,
    /// An item for which there is no room.
    held: Option<(usize, I)>,
    looked: Instant,
}

impl<'c, 'f, I: Wire> Distributing<'c, 'f, I> {
    /// Items wait no longer than this for others that go with them, if the feed lets them.
    const FLUSH: Duration = Duration::from_millis(1);
    /// How often the rank looks whether the others are still there.
    const EVERY: Duration = Duration::from_millis(5);

    pub(super) fn new(comm: &'c dyn Comm, workers: &[usize], feed: &'f mut dyn Feed<I>) -> Self {
        let worker = |&rank: &usize| Crediting::new(comm, rank);
        Distributing {
            comm,
            feed: Own::new(feed),
            workers: workers.iter().map(worker).collect(),
            held: None,
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
                Some(Arrival::End) => return self.flush(),
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
        if let Some((index, item)) = self.held.take() {
            return Ok(Some(Arrival::Item(index, item)));
        }
        if self.workers.iter().all(|worker| worker.load().is_none()) {
            return Ok(None);
        }
        self.feed.poll().map(Some)
    }

    /// Gives an item to the rank with the fewest; false when there is no room, and the item is
    /// held.
    fn give(&mut self, index: usize, item: I) -> Result<bool> {
        let free = self.workers.iter_mut().filter_map(|worker| {
            let load = worker.load()?;
            Some((load, worker))
        });
        if let Some((_, worker)) = free.min_by_key(|(load, _)| *load) {
            worker.push(index, item)?;
            return Ok(true);
        }
        self.held = Some((index, item));
        Ok(false)
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
            let end = Parcel::<I>::End(worker.sent()).to_bytes();
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
