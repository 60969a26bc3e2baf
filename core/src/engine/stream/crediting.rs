use std::collections::VecDeque;

use crate::Result;
use crate::comm::{Channel, Comm, Wire};

/// A rank that computes, as a reader sees it.
pub(super) struct Crediting<'c, I> {
    comm: &'c dyn Comm,
    rank: usize,
    /// How many items it can take at once: none before it has said so.
    window: usize,
    /// The sizes in bytes of the items that it has not taken up, and their sum.
    outstanding: VecDeque<usize>,
    bytes: usize,
    sent: u64,
    /// Items that go with the next message, and their sizes together.
    next: Vec<(usize, I)>,
    next_bytes: usize,
}

impl<'c, I: Wire> Crediting<'c, I> {
    /// The most bytes on their way to one rank, unless it is a single item.
    const MOST: usize = 64 << 20;
    /// A message of so many items or bytes is sent.
    const FULL: (usize, usize) = (64, 32 << 10);

    pub(super) fn new(comm: &'c dyn Comm, rank: usize) -> Self {
        Crediting {
            comm,
            rank,
            window: 0,
            outstanding: VecDeque::new(),
            bytes: 0,
            sent: 0,
            next: Vec::new(),
            next_bytes: 0,
        }
    }

    pub(super) fn rank(&self) -> usize {
        self.rank
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// How many of its items it has not taken up; `None` when there is no room for another one.
    pub(super) fn load(&self) -> Option<usize> {
        let items = self.outstanding.len();
        let has_room = items < self.window && (items == 0 || self.bytes < Self::MOST);
        has_room.then_some(items)
    }

    /// It took up so many items, and now has a window of this size.
    pub(super) fn credit(&mut self, taken: usize, window: usize) {
        for size in self.outstanding.drain(..taken.min(self.outstanding.len())) {
            self.bytes -= size;
        }
        self.window = window;
    }

    /// Adds an item to the next message, and sends it when that is full.
    pub(super) fn push(&mut self, index: usize, item: I) -> Result<()> {
        let size = item.to_bytes().len();
        self.outstanding.push_back(size);
        self.bytes += size;
        self.next.push((index, item));
        self.next_bytes += size;
        if self.next.len() >= Self::FULL.0 || self.next_bytes >= Self::FULL.1 {
            self.flush()?;
        }
        Ok(())
    }

    /// Sends what there is.
    pub(super) fn flush(&mut self) -> Result<()> {
        if self.next.is_empty() {
            return Ok(());
        }
        self.sent += self.next.len() as u64;
        self.next_bytes = 0;
        let parcel = super::parcel::Parcel::Items(std::mem::take(&mut self.next));
        self.comm
            .send(self.rank, Channel::STREAM, &parcel.to_bytes())
    }
}
