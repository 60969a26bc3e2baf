use std::collections::VecDeque;

use super::parcel::Packing;
use crate::comm::{Channel, Comm, Wire};
use crate::{Nodes, Result};

/// A rank that computes, as a reader sees it.
pub(super) struct Crediting<'c> {
    comm: &'c dyn Comm,
    rank: usize,
    /// Whether it is on the same node.
    is_near: bool,
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

    pub(super) fn new(comm: &'c dyn Comm, nodes: &Nodes, rank: usize) -> Self {
        Crediting {
            comm,
            rank,
            is_near: nodes.of(rank) == nodes.of(comm.rank()),
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
        let size = self.next.item(index, item, self.is_near);
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

#[cfg(test)]
mod tests {
    use super::super::parcel::{Entry, Parcel};
    use super::*;
    use crate::LocalCluster;

    /// Whether it was written for a rank of the same node.
    #[derive(Debug, PartialEq)]
    struct IsNear(bool);

    impl Wire for IsNear {
        fn put(&self, out: &mut Vec<u8>) {
            false.put(out);
        }

        fn put_near(&self, out: &mut Vec<u8>) {
            true.put(out);
        }

        fn take(input: &mut &[u8]) -> Result<Self> {
            bool::take(input).map(IsNear)
        }
    }

    #[test]
    fn items_have_their_near_form_on_the_same_node_only() {
        let outcomes = LocalCluster::run_on(Nodes::new(&[0, 1, 0]), |comm| {
            if comm.rank() == 0 {
                for rank in [1, 2] {
                    let mut worker = Crediting::new(&comm, comm.nodes(), rank);
                    worker.item(7, &IsNear(false)).unwrap();
                    worker.flush().unwrap();
                }
                return;
            }
            let comm: &dyn Comm = &comm;
            let (_, bytes) = comm.receive(Some(0), Channel::STREAM).unwrap();
            let Parcel::Entries(entries) = Parcel::<IsNear>::from_bytes(bytes).unwrap() else {
                panic!("no entries");
            };
            let [Entry::Item(7, item)] = &entries[..] else {
                panic!("not this item");
            };
            assert_eq!(*item, IsNear(comm.rank() == 2));
        });
        assert!(outcomes.iter().all(std::result::Result::is_ok));
    }
}
