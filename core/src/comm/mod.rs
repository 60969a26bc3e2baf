//! Ranks that run the same program and talk to each other.
//!
//! A transport implements the methods of [`Comm`]; everything collective is built on them here,
//! once, along trees: no rank has more than some log2(ranks) messages for one call.

mod agree;
mod channel;
mod collective;
mod gathered;
mod interrupt;
mod local;
mod message;
mod solo;
mod tree;
mod wire;

pub(crate) use agree::GRACE;
pub use channel::Channel;
use gathered::Gathered;
pub(crate) use interrupt::Interrupt;
pub use local::{LocalCluster, LocalComm, Lost};
pub use message::Message;
pub use solo::Solo;
pub(crate) use tree::Tree;
pub use wire::Wire;

use std::time::{Duration, Instant};

use crate::Result;
use crate::cluster::Nodes;

/// A number that all ranks share.
pub trait Counter {
    /// Adds `n` and returns the value before; atomic among all ranks. Not collective.
    ///
    /// # Errors
    /// When the transport fails.
    fn fetch_add(&self, n: u64) -> Result<u64>;
}

/// A fixed group of ranks. Messages between two ranks on one channel arrive in the order they were
/// sent.
///
/// All methods are called from one thread of a rank.
pub trait Comm {
    /// This rank, below [`size`](Comm::size).
    fn rank(&self) -> usize;

    /// How many ranks.
    fn size(&self) -> usize;

    /// Which ranks share memory.
    fn nodes(&self) -> &Nodes;

    /// Sends `bytes`. Does not wait for the receiver. Not collective.
    ///
    /// # Errors
    /// When the receiver is gone or the transport fails.
    fn send(&self, to: usize, channel: Channel, bytes: &[u8]) -> Result<()>;

    /// As [`send`](Comm::send), of bytes that nobody else needs: a transport may keep them. Not
    /// collective.
    ///
    /// # Errors
    /// As [`send`](Comm::send).
    fn send_owned(&self, to: usize, channel: Channel, bytes: Vec<u8>) -> Result<()> {
        self.send(to, channel, &bytes)
    }

    /// The next message on this channel from `from` (`None`: from any rank) and its sender, if one
    /// has arrived. Does not wait. Not collective.
    ///
    /// # Errors
    /// When none can arrive any more because the sender is gone, or the transport fails.
    fn poll(&self, from: Option<usize>, channel: Channel) -> Result<Option<(usize, Vec<u8>)>>;

    /// Sleeps as `backoff` says, or until a message has come since the last
    /// [`poll`](Comm::poll), where a transport notices. Not collective.
    fn rest(&self, backoff: &mut Backoff) {
        backoff.snooze();
    }

    /// A new shared counter, at 0. Collective.
    ///
    /// # Errors
    /// When the transport fails.
    fn counter(&self) -> Result<Box<dyn Counter + '_>>;
}

impl dyn Comm + '_ {
    /// Waits for the next message on this channel from `from` (`None`: from any rank). Not
    /// collective.
    ///
    /// # Errors
    /// When the sender is gone or the transport fails.
    pub fn receive(&self, from: Option<usize>, channel: Channel) -> Result<(usize, Vec<u8>)> {
        let mut backoff = Backoff::new();
        loop {
            if let Some(message) = self.poll(from, channel)? {
                return Ok(message);
            }
            self.rest(&mut backoff);
        }
    }

    /// Returns when every rank has called it. Collective.
    ///
    /// # Errors
    /// When a rank is gone or the transport fails.
    pub fn barrier(&self) -> Result<()> {
        self.combine((), |(), ()| ())?;
        self.broadcast(0, &mut Vec::new())
    }

    /// Root's `bytes` replace everyone's. Collective.
    ///
    /// # Errors
    /// When a rank is gone or the transport fails.
    pub fn broadcast(&self, root: usize, bytes: &mut Vec<u8>) -> Result<()> {
        let tree = Tree::of(self, root);
        if let Some(parent) = tree.parent {
            *bytes = self.receive(Some(parent), Channel::COLLECTIVE)?.1;
        }
        // Who passes it on to most is told first.
        for &child in tree.children.iter().rev() {
            self.send(child, Channel::COLLECTIVE, bytes)?;
        }
        Ok(())
    }

    /// Every rank's `bytes`, by rank, on root; `None` elsewhere. A rank on the way holds those of
    /// all ranks below it. Collective.
    ///
    /// # Errors
    /// When a rank is gone or the transport fails; [`Error::Malformed`](crate::Error::Malformed)
    /// when the ranks do not make the same call.
    pub fn gather(&self, root: usize, bytes: &[u8]) -> Result<Option<Vec<Vec<u8>>>> {
        let tree = Tree::of(self, root);
        let mut all = Gathered::new(self.rank(), bytes);
        for &child in &tree.children {
            all.add(&self.receive(Some(child), Channel::COLLECTIVE)?.1);
        }
        match tree.parent {
            Some(parent) => {
                self.send_owned(parent, Channel::COLLECTIVE, all.into_bytes())?;
                Ok(None)
            }
            None => all.by_rank(self.size()).map(Some),
        }
    }
}

/// How a rank waits: at first awake, for messages that come at once, then in longer and longer
/// naps, each an eighth of the time so far: what it waits for is noticed that late at most.
#[derive(Debug)]
pub struct Backoff {
    since: Instant,
}

impl Backoff {
    const AWAKE: Duration = Duration::from_micros(50);
    const LONGEST_NAP: Duration = Duration::from_millis(1);

    /// Waiting starts now.
    #[allow(clippy::new_without_default)] // it reads the clock
    pub fn new() -> Backoff {
        Backoff {
            since: Instant::now(),
        }
    }

    /// How long the waiting has lasted.
    pub fn so_far(&self) -> Duration {
        self.since.elapsed()
    }

    /// Yields the processor, or sleeps a little.
    pub fn snooze(&mut self) {
        let so_far = self.since.elapsed();
        if so_far < Self::AWAKE {
            std::thread::yield_now();
        } else {
            std::thread::sleep((so_far / 8).min(Self::LONGEST_NAP));
        }
    }
}
