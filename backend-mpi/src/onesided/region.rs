use jobwise_core::{Region, Result, Turn, Writer};

use super::{Memory, Shape};
use crate::link::Link;

/// A region in the memory of a node, from the side of one of its ranks.
pub(crate) struct NodeRegion<'l> {
    memory: Memory,
    /// Sends must go on while this rank waits for its neighbours, or a neighbour may wait for one.
    link: &'l Link,
    member: usize,
    members: usize,
    round: u64,
}

impl<'l> NodeRegion<'l> {
    /// What such a region of `bytes` bytes needs.
    pub(crate) fn shape(bytes: usize) -> Shape {
        Shape {
            words: Turn::WORDS,
            bytes,
        }
    }

    /// Of member number `member` of the `members` ranks of a node. The memory is made for a region,
    /// and all of them made one of it.
    pub(crate) fn new(memory: Memory, link: &'l Link, member: usize, members: usize) -> Self {
        NodeRegion {
            memory,
            link,
            member,
            members,
            round: 0,
        }
    }
}

impl Region for NodeRegion<'_> {
    fn bytes(&self) -> &[u8] {
        self.memory.bytes()
    }

    fn update(&mut self, write: Option<&mut Writer<'_>>) -> Result<()> {
        let (words, mut bytes) = self.memory.parts();
        let turn = Turn::new(words, self.member, self.members);
        let mut write = write.map(|write| {
            // SAFETY: a Turn runs this on one rank of the node, after all of its ranks have come
            // into this function and before any leaves it. It borrows each rank's region
            // exclusively, so none of them holds the bytes meanwhile; and they lie in memory that
            // lives through this call.
            move || write(unsafe { bytes.as_mut() })
        });
        let write = write
            .as_mut()
            .map(|write| write as &mut dyn FnMut() -> Result<()>);
        let alive = || self.link.unsent().map(drop);
        let outcome = turn.update(self.link.rank(), self.round, write, &alive);
        self.round += 1;
        outcome
    }
}
