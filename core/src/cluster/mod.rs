//! Ranks on nodes: what ranks share beyond messages.
//!
//! A transport whose ranks have memory in common implements the three methods of [`Cluster`].
//! Shared arrays and locks are built on them once, in `jobwise-shared`, and pools of tasks in
//! `jobwise-tasks`.

mod aligned;
mod nodes;
mod turn;

pub(crate) use aligned::Aligned;
pub use nodes::Nodes;
pub use turn::Turn;

use crate::{Comm, Result};

/// A group of ranks that share more than messages.
pub trait Cluster: Comm {
    /// A private group of the ranks that pass the same `colour`, in the order of `key`, then of
    /// their ranks here. Its messages never meet those of this group. Collective.
    ///
    /// # Errors
    /// When a rank is gone or the transport fails.
    fn split(&self, colour: usize, key: usize) -> Result<Box<dyn Cluster + '_>>;

    /// `count` shared words, all 0. Collective.
    ///
    /// # Errors
    /// On every rank, when they cannot be made.
    fn words(&self, count: usize) -> Result<Box<dyn SharedAtomics + '_>>;

    /// Memory of `bytes` bytes, all 0, once on every node. Collective.
    ///
    /// # Errors
    /// On every rank, when a node has not so much memory (with what is asked for and what is
    /// there).
    fn region(&self, bytes: usize) -> Result<Box<dyn Region + '_>>;
}

/// Numbers that all ranks of a group share. Every operation on one word is atomic among all ranks
/// and sequentially consistent. None is collective.
pub trait SharedAtomics {
    /// How many.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a word.
    ///
    /// # Errors
    /// When the transport fails.
    ///
    /// # Panics
    /// When `at` is not below [`len`](SharedAtomics::len), as all methods.
    fn load(&self, at: usize) -> Result<u64>;

    /// Adds `n`, wrapping around, and returns the value before.
    ///
    /// # Errors
    /// When the transport fails.
    fn add(&self, at: usize, n: u64) -> Result<u64>;

    /// Puts `new` in the place of `expected`, and returns the value before: it was replaced if that
    /// is `expected`.
    ///
    /// # Errors
    /// When the transport fails.
    fn replace(&self, at: usize, expected: u64, new: u64) -> Result<u64>;
}

/// Memory of which every node of a group has one copy. What the copies hold is the caller's matter.
pub trait Region {
    /// This node's copy, aligned to 64 bytes.
    fn bytes(&self) -> &[u8];

    /// Runs `write` on the one rank of this node that brings it, while no rank of the node reads,
    /// and returns on every rank of the node when it has ended. Collective over the ranks of the
    /// node. Bytes are changed by this alone.
    ///
    /// # Errors
    /// On every rank of the node alike: when `write` failed (its own error there,
    /// [`Error::Peer`](crate::Error::Peer) elsewhere) or two ranks brought one. When a rank is
    /// gone.
    fn update(&mut self, write: Option<&mut Writer<'_>>) -> Result<()>;
}

/// Changes the bytes of a region.
pub type Writer<'w> = dyn FnMut(&mut [u8]) -> Result<()> + 'w;
