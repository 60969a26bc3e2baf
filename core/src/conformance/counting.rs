//! A cluster that counts what its ranks send, take and ask for: what grows with the number of ranks
//! shows here long before there are so many.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use crate::{Backoff, Channel, Cluster, Comm, Counter, Nodes, Region, Result, SharedAtomics};

/// What a rank did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages that it sent or took.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Operations on shared words.
    pub words: u64,
    /// Claims from shared counters.
    pub claims: u64,
}

/// One rank of a cluster, and what it did. Parts of the cluster count with the whole.
pub struct Counting<'c> {
    inner: Box<dyn Cluster + 'c>,
    counts: Rc<Cell<Counts>>,
}

impl<'c> Counting<'c> {
    /// Counts from now on.
    pub fn new(inner: impl Cluster + 'c) -> Counting<'c> {
        Counting {
            inner: Box::new(inner),
            counts: Rc::default(),
        }
    }

    /// Where what was counted can be seen, also when this value is used up.
    pub fn counts(&self) -> Rc<Cell<Counts>> {
        self.counts.clone()
    }
}

impl fmt::Debug for Counting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Counting({:?})", self.counts.get())
    }
}

fn count(counts: &Cell<Counts>, more: impl FnOnce(&mut Counts)) {
    let mut all = counts.get();
    more(&mut all);
    counts.set(all);
}

impl Counting<'_> {
    fn message(&self, bytes: usize) {
        count(&self.counts, |counts| {
            counts.messages += 1;
            counts.bytes += bytes as u64;
        });
    }
}

impl Comm for Counting<'_> {
    fn rank(&self) -> usize {
        self.inner.rank()
    }

    fn size(&self) -> usize {
        self.inner.size()
    }

    fn nodes(&self) -> &Nodes {
        self.inner.nodes()
    }

    fn send(&self, to: usize, channel: Channel, bytes: &[u8]) -> Result<()> {
        self.message(bytes.len());
        self.inner.send(to, channel, bytes)
    }

    fn send_owned(&self, to: usize, channel: Channel, bytes: Vec<u8>) -> Result<()> {
        self.message(bytes.len());
        self.inner.send_owned(to, channel, bytes)
    }

    fn poll(&self, from: Option<usize>, channel: Channel) -> Result<Option<(usize, Vec<u8>)>> {
        let message = self.inner.poll(from, channel)?;
        if let Some((_, bytes)) = &message {
            self.message(bytes.len());
        }
        Ok(message)
    }

    fn rest(&self, backoff: &mut Backoff) {
        self.inner.rest(backoff);
    }

    fn counter(&self) -> Result<Box<dyn Counter + '_>> {
        Ok(Box::new(Claims(self.inner.counter()?, self.counts.clone())))
    }
}

impl Cluster for Counting<'_> {
    fn split(&self, colour: usize, key: usize) -> Result<Box<dyn Cluster + '_>> {
        Ok(Box::new(Counting {
            inner: self.inner.split(colour, key)?,
            counts: self.counts.clone(),
        }))
    }

    fn words(&self, count: usize) -> Result<Box<dyn SharedAtomics + '_>> {
        Ok(Box::new(Words(
            self.inner.words(count)?,
            self.counts.clone(),
        )))
    }

    fn region(&self, bytes: usize) -> Result<Box<dyn Region + '_>> {
        self.inner.region(bytes)
    }
}

struct Claims<'c>(Box<dyn Counter + 'c>, Rc<Cell<Counts>>);

impl Counter for Claims<'_> {
    fn fetch_add(&self, n: u64) -> Result<u64> {
        count(&self.1, |counts| counts.claims += 1);
        self.0.fetch_add(n)
    }
}

struct Words<'c>(Box<dyn SharedAtomics + 'c>, Rc<Cell<Counts>>);

impl Words<'_> {
    fn used(&self) {
        count(&self.1, |counts| counts.words += 1);
    }
}

impl SharedAtomics for Words<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn load(&self, at: usize) -> Result<u64> {
        self.used();
        self.0.load(at)
    }

    fn add(&self, at: usize, n: u64) -> Result<u64> {
        self.used();
        self.0.add(at, n)
    }

    fn replace(&self, at: usize, expected: u64, new: u64) -> Result<u64> {
        self.used();
        self.0.replace(at, expected, new)
    }
}
