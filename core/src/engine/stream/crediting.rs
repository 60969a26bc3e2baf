use std::collections::VecDeque;

use super::parcel::Packing;
use crate::Result;
use crate::comm::{Channel, Comm, Wire};

/// A rank that computes, as a reader sees it.
pub(super) struct Crediting<'c> {
    comm: &'c dyn Comm,
    rank: usize,
    /// How many entries it can take at once: none before it has said so.
    window: usize,
    /// The sizes in bytes of the entries that it has not taken up, and their sum.
    outstanding: VecDeque<usize>,
    bytes: usize,
    sent: u64,
    /// Entries that go with the next message.
    next: Packing,
}

impl<'c> Crediting<'c> {
    /// The most bytes on their way to one rank, unless it is a single entry.
    const MOST: usize = 64 << 20;
    /// A message of so many entries or bytes is sent.
    const FULL: (usize, usize) = (64, 32 << 10);

    pub(super) fn new(comm: &'c dyn Comm, rank: usize) -> Self {
        Crediting {
            comm,
            rank,
            window: 0,
            outstanding: VecDeque::new(),
            bytes: 0,
            sent: 0,
            next: Packing::new(),
        }
    }

    pub(super) fn rank(&self) -> usize {
        self.rank
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// How many of its entries it has not taken up; `None` when there is no room for another one.
    pub(super) fn load(&self) -> Option<usize> {
        let entries = self.outstanding.len();
        let has_room = entries < self.window && (entries == 0 || self.bytes < Self::MOST);
        has_room.then_some(entries)
    }

    /// It took up so many entries, and now has a window of this size.
    pub(super) fn credit(&mut self, taken: usize, window: usize) {
        for size in self.outstanding.drain(..taken.min(self.outstanding.len())) {
            self.bytes -= size;
        }
        self.window = window;
    }

    /// Adds an item to the next message, and sends it when that is full.
    pub(super) fn item(&mut self, index: usize, item: &impl Wire) -> Result<()> {
        let size = self.next.item(index, item);
        self.added(size)
    }

    /// Adds a notice to the next message, and sends it when that is full.
    pub(super) fn notice(&mut self, notice: &[u8]) -> Result<()> {
        let size = self.next.notice(notice);
        self.added(size)
    }

    fn added(&mut self, size: usize) -> Result<()> {
        self.outstanding.push_back(size);
        self.bytes += size;
        if self.next.len() >= Self::FULL.0 || self.next.size() >= Self::FULL.1 {
            self.flush()?;
        }
        Ok(())
    }

    /// Sends what there is.
    pub(super) fn flush(&mut self) -> Result<()> {
        if self.next.len() == 0 {
            return Ok(());
        }
        self.sent += self.next.len() as u64;
        self.comm
            .send_owned(self.rank, Channel::STREAM, self.next.take())
    }
}
