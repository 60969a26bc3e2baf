use std::time::{Duration, Instant};

use super::notice::{Notice, NoticeHandler};
use super::parcel::{Credit, Parcel};
use super::reader::Reader;
use super::streaming::{Incoming, Pulled};
use crate::comm::{Channel, Comm, Wire};
use crate::{Error, Result};

/// What the readers send to this rank.
pub(super) struct Receiving<'c, I> {
    comm: &'c dyn Comm,
    handler: &'c mut dyn NoticeHandler,
    readers: Vec<Reader<I>>,
    /// Whose turn it is, by the place in the list.
    turn: usize,
    /// How many entries of each reader may be on their way or wait.
    window: usize,
    looked: Instant,
}

impl<'c, I: Wire> Receiving<'c, I> {
    /// How often a rank looks whether its readers are still there.
    const EVERY: Duration = Duration::from_millis(5);
    /// So many times what is wanted at once is on its way or waits: while a lane computes, some
    /// wait there, and others travel.
    const AHEAD: usize = 4;

    /// At first one item is wanted for each lane.
    pub(super) fn new(
        comm: &'c dyn Comm,
        readers: &[usize],
        lanes: usize,
        handler: &'c mut dyn NoticeHandler,
    ) -> Self {
        let reader = |&rank: &usize| Reader::new(rank);
        Receiving {
            comm,
            handler,
            readers: readers.iter().map(reader).collect(),
            turn: 0,
            window: Self::AHEAD * lanes,
            looked: Instant::now(),
        }
    }

    /// Tells the readers how many entries they may send.
    pub(super) fn begin(&mut self) -> Result<()> {
        (0..self.readers.len()).try_for_each(|at| self.grant(at))
    }

    fn grant(&mut self, at: usize) -> Result<()> {
        let reader = &mut self.readers[at];
        let credit: Credit = Some((reader.taken, self.window));
        reader.taken = 0;
        self.comm
            .send(reader.rank, Channel::CREDIT, &credit.to_bytes())
    }

    fn has_ended(&self) -> bool {
        self.readers.iter().all(|reader| reader.has_ended)
    }

    /// Whether nothing more is to be taken up: all feeds were, or readers have ended as the run is
    /// to stop.
    fn is_over(&self) -> bool {
        let is_cut = || self.readers.iter().any(|reader| reader.is_cut);
        self.readers.iter().all(Reader::is_over) || self.has_ended() && is_cut()
    }

    /// Takes the messages that have arrived.
    fn receive(&mut self) -> Result<()> {
        while !self.has_ended()
            && let Some((rank, bytes)) = self.comm.poll(None, Channel::STREAM)?
        {
            self.take(rank, bytes)?;
        }
        if self.looked.elapsed() >= Self::EVERY {
            self.looked = Instant::now();
            // Only a poll of one rank notices that this rank is gone.
            for at in 0..self.readers.len() {
                let reader = &self.readers[at];
                if !reader.has_ended
                    && let Some((rank, bytes)) =
                        self.comm.poll(Some(reader.rank), Channel::STREAM)?
                {
                    self.take(rank, bytes)?;
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, rank: usize, bytes: Vec<u8>) -> Result<()> {
        let of_rank = |reader: &Reader<I>| reader.rank == rank;
        let at = self.readers.iter().position(of_rank);
        let at = at.ok_or_else(|| Error::Malformed(format!("an item of rank {rank}")))?;
        self.readers[at].arrive(bytes)
    }

    /// Takes what is still on its way, so that nothing is left for the next run.
    pub(super) fn close(&mut self) -> Result<()> {
        for at in 0..self.readers.len() {
            while !self.readers[at].has_ended {
                let rank = self.readers[at].rank;
                let (_, bytes) = self.comm.receive(Some(rank), Channel::STREAM)?;
                // Only how it ends: the run has failed, and its items go with it.
                self.readers[at].has_ended =
                    matches!(Parcel::<I>::from_bytes(bytes), Ok(Parcel::End(..)));
            }
        }
        let last = Credit::None.to_bytes();
        let send = |reader: &Reader<I>| self.comm.send(reader.rank, Channel::CREDIT, &last);
        self.readers.iter().try_for_each(send)
    }

    /// The next item whose turn it is, of those that do not wait behind a notice.
    fn next_item(&mut self) -> Option<(usize, I)> {
        let readers = self.readers.len();
        for at in (self.turn..readers).chain(0..self.turn) {
            if let Some((index, item)) = self.readers[at].take_item() {
                self.turn = (at + 1) % readers;
                self.handler.item(self.readers[at].rank, index);
                return Some((index, item));
            }
        }
        None
    }

    /// Handles the notices that have nothing in front of them; false when there are none, or, in
    /// step, when one of a reader has not come yet.
    fn handle_notices(&mut self) -> Result<bool> {
        let mut has_handled = false;
        for at in 0..self.readers.len() {
            while self.is_at_notice(at, false) {
                has_handled = true;
                let notice = self.readers[at].take_notice();
                self.handle(notice.as_slice())?;
            }
        }
        let mut readers = 0..self.readers.len();
        let is_in_step = |at: usize| self.is_at_notice(at, true);
        let is_there = |at: usize| is_in_step(at) || self.readers[at].is_over();
        if readers.clone().any(is_in_step) && readers.all(is_there) {
            has_handled = true;
            let notices = self.readers.iter_mut().filter_map(Reader::take_notice);
            let notices: Vec<_> = notices.collect();
            self.handle(&notices)?;
        }
        Ok(has_handled)
    }

    fn handle(&mut self, notices: &[Notice]) -> Result<()> {
        self.handler.handle(notices).map_err(Error::Program)
    }

    /// Whether what comes next of a reader is a notice, in step or not.
    fn is_at_notice(&self, at: usize, in_step: bool) -> bool {
        let notice = self.readers[at].notice();
        notice.is_some_and(|notice| self.handler.in_step(notice) == in_step)
    }

    /// Tells the readers that wait for room how much there is now: nothing else may come of them.
    fn grant_due(&mut self) -> Result<()> {
        for at in 0..self.readers.len() {
            let reader = &self.readers[at];
            let is_due = reader.is_empty() || reader.taken >= self.window / 2;
            if reader.taken > 0 && is_due {
                self.grant(at)?;
            }
        }
        Ok(())
    }
}

impl<I: Wire> Incoming<I> for Receiving<'_, I> {
    fn pull(&mut self, want: usize) -> Result<Pulled<I>> {
        self.window = self.window.max(Self::AHEAD * want);
        let mut has_looked = false;
        loop {
            if self.handle_notices()? {
                continue;
            }
            let pulled = match self.next_item() {
                Some((index, item)) => Pulled::Item(index, item),
                None if !has_looked => {
                    self.receive()?;
                    has_looked = true;
                    continue;
                }
                None if self.is_over() => Pulled::End,
                None => Pulled::Wait,
            };
            self.grant_due()?;
            return Ok(pulled);
        }
    }
}
