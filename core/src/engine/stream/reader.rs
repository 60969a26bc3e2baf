use std::collections::VecDeque;

use super::notice::Notice;
use super::parcel::{Entry, Parcel};
use crate::comm::Wire;
use crate::{Error, Result};

/// A rank that reads, as a rank that computes sees it.
pub(super) struct Reader<I> {
    pub(super) rank: usize,
    /// What waits.
    queue: VecDeque<Entry<I>>,
    received: u64,
    /// Taken up and not told yet.
    pub(super) taken: usize,
    pub(super) has_ended: bool,
    /// Whether it ended before its feed, as the run is to stop.
    pub(super) is_cut: bool,
}

impl<I: Wire> Reader<I> {
    pub(super) fn new(rank: usize) -> Reader<I> {
        Reader {
            rank,
            queue: VecDeque::new(),
            received: 0,
            taken: 0,
            has_ended: false,
            is_cut: false,
        }
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Whether all of its feed was taken up.
    pub(super) fn is_over(&self) -> bool {
        self.has_ended && !self.is_cut && self.queue.is_empty()
    }

    /// Takes a message.
    pub(super) fn arrive(&mut self, bytes: Vec<u8>) -> Result<()> {
        match Parcel::from_bytes(bytes)? {
            Parcel::Entries(entries) => {
                self.received += entries.len() as u64;
                self.queue.extend(entries);
                Ok(())
            }
            Parcel::End(sent, is_whole) => {
                self.has_ended = true;
                self.is_cut = !is_whole;
                let (rank, received) = (self.rank, self.received);
                if sent == received {
                    return Ok(());
                }
                let problem =
                    format!("rank {rank} sent {sent} items and notices and {received} arrived");
                Err(Error::Backend(problem.into()))
            }
        }
    }

    /// The notice that comes next, if it is one.
    pub(super) fn notice(&self) -> Option<&[u8]> {
        match self.queue.front() {
            Some(Entry::Notice(notice)) => Some(notice),
            _ => None,
        }
    }

    /// Takes up the notice that comes next, if it is one.
    pub(super) fn take_notice(&mut self) -> Option<Notice> {
        self.notice()?;
        let Some(Entry::Notice(bytes)) = self.queue.pop_front() else {
            return None;
        };
        self.taken += 1;
        Some(Notice {
            reader: self.rank,
            bytes,
        })
    }

    /// Takes up the item that comes next, if it is one.
    pub(super) fn take_item(&mut self) -> Option<(usize, I)> {
        if self.notice().is_some() {
            return None;
        }
        let Some(Entry::Item(index, item)) = self.queue.pop_front() else {
            return None;
        };
        self.taken += 1;
        Some((index, item))
    }
}
