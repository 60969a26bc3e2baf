use std::fmt;

use super::Mutant;
use crate::{Comm, Counter, Result, Tag};

/// A communicator with a fault.
pub(super) struct FaultyComm<'c> {
    inner: &'c dyn Comm,
    mutant: Mutant,
}

impl<'c> FaultyComm<'c> {
    pub(super) fn new(inner: &'c dyn Comm, mutant: Mutant) -> Self {
        FaultyComm { inner, mutant }
    }
}

impl fmt::Debug for FaultyComm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaultyComm({:?})", self.mutant)
    }
}

impl Comm for FaultyComm<'_> {
    fn rank(&self) -> usize {
        self.inner.rank()
    }

    fn size(&self) -> usize {
        self.inner.size()
    }

    fn send(&self, to: usize, tag: Tag, bytes: &[u8]) -> Result<()> {
        self.inner.send(to, tag, bytes)
    }

    fn poll(&self, from: Option<usize>, tag: Tag) -> Result<Option<(usize, Vec<u8>)>> {
        // While work is handed out, ranks listen to all others; at the end, to those that are known to have rung.
        if self.mutant == Mutant::MutedBell && tag == Tag::Bell && from.is_none() {
            return Ok(None);
        }
        self.inner.poll(from, tag)
    }

    fn counter(&self) -> Result<Box<dyn Counter + '_>> {
        let counter = self.inner.counter()?;
        Ok(if self.mutant == Mutant::OverlappingClaims {
            Box::new(Overlapping(counter))
        } else {
            counter
        })
    }
}

/// Every claim but the first takes the last block of the one before again.
struct Overlapping<'c>(Box<dyn Counter + 'c>);

impl Counter for Overlapping<'_> {
    fn fetch_add(&self, n: u64) -> Result<u64> {
        Ok(self.0.fetch_add(n)?.saturating_sub(1))
    }
}
