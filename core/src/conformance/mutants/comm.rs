use std::cell::{Cell, RefCell};
use std::fmt;

use super::Mutant;
use crate::{Backoff, Channel, Comm, Counter, Nodes, Result, Wire};

/// A communicator with a fault.
pub(super) struct FaultyComm<'c> {
    inner: &'c dyn Comm,
    mutant: Mutant,
    /// Messages sent with items of streams.
    streamed: Cell<usize>,
    /// A message of a stream that was not sent yet, and to whom.
    late: RefCell<Option<(usize, Vec<u8>)>>,
    /// Whether this rank has told of a failure, or heard of one.
    has_failed: Cell<bool>,
}

impl<'c> FaultyComm<'c> {
    pub(super) fn new(inner: &'c dyn Comm, mutant: Mutant) -> Self {
        FaultyComm {
            inner,
            mutant,
            streamed: Cell::new(0),
            late: RefCell::new(None),
            has_failed: Cell::new(false),
        }
    }
}

impl FaultyComm<'_> {
    /// Sends a message of a stream, or keeps it until the next one to the same rank was sent.
    fn send_stream(&self, to: usize, bytes: &[u8], is_late: bool) -> Result<()> {
        let mut late = self.late.borrow_mut();
        if is_late && late.is_none() {
            *late = Some((to, bytes.to_vec()));
            return Ok(());
        }
        self.inner.send(to, Channel::STREAM, bytes)?;
        match &*late {
            Some((rank, kept)) if *rank == to => self.inner.send(to, Channel::STREAM, kept)?,
            _ => return Ok(()),
        }
        *late = None;
        Ok(())
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

    fn nodes(&self) -> &Nodes {
        self.inner.nodes()
    }

    fn rest(&self, backoff: &mut Backoff) {
        self.inner.rest(backoff);
    }

    fn send(&self, to: usize, channel: Channel, bytes: &[u8]) -> Result<()> {
        // Messages with items begin with 0; an item with 0, a notice with 1, behind their number.
        if channel == Channel::STREAM {
            match self.mutant {
                Mutant::OvertakenNotice => {
                    // A notice alone: with an item behind, it could fill the window.
                    let is_notice = bytes.get(1) == Some(&1) && bytes.get(9) == Some(&1);
                    return self.send_stream(to, bytes, is_notice);
                }
                Mutant::EndsEarly => {
                    return self.send_stream(to, bytes, bytes.first() == Some(&0));
                }
                _ => {}
            }
        }
        if channel == Channel::STREAM && bytes.first() == Some(&0) {
            let is_first = self.streamed.replace(self.streamed.get() + 1) == 0;
            match self.mutant {
                Mutant::LosesItems if is_first => return Ok(()),
                Mutant::RepeatsItems if is_first => self.inner.send(to, channel, bytes)?,
                _ => {}
            }
        }
        if channel == Channel::INTERRUPT {
            self.has_failed.set(true);
            if self.mutant == Mutant::RepeatsInterrupt {
                self.inner.send(to, channel, bytes)?;
            }
        }
        // The last message begins with 1.
        let ends_stream = channel == Channel::STREAM && bytes.first() == Some(&1);
        if self.mutant == Mutant::RepeatsEnd && ends_stream && self.has_failed.get() {
            self.inner.send(to, channel, bytes)?;
        }
        self.inner.send(to, channel, bytes)
    }

    fn poll(&self, from: Option<usize>, channel: Channel) -> Result<Option<(usize, Vec<u8>)>> {
        // While work is handed out, ranks listen to all others; at the end, to those that are known
        // to have rung.
        if self.mutant == Mutant::MissedInterrupt && channel == Channel::INTERRUPT && from.is_none()
        {
            return Ok(None);
        }
        let message = self.inner.poll(from, channel)?;
        if channel == Channel::INTERRUPT && message.is_some() {
            self.has_failed.set(true);
        }
        if self.mutant == Mutant::IgnoresCredit && channel == Channel::CREDIT {
            return Ok(message.map(|(rank, bytes)| (rank, unlimited(bytes))));
        }
        Ok(message)
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

/// A credit with room for everything; the last one of a run as it is.
fn unlimited(bytes: Vec<u8>) -> Vec<u8> {
    match Option::<(usize, usize)>::from_bytes(&bytes) {
        Ok(Some((taken, _))) => Some((taken, usize::MAX)).to_bytes(),
        _ => bytes,
    }
}

/// Every claim but the first takes the last block of the one before again.
struct Overlapping<'c>(Box<dyn Counter + 'c>);

impl Counter for Overlapping<'_> {
    fn fetch_add(&self, n: u64) -> Result<u64> {
        Ok(self.0.fetch_add(n)?.saturating_sub(1))
    }
}
