use std::cell::OnceCell;
use std::ffi::c_int;
use std::time::Duration;

use jobwise_core::{Comm, Counter, Error, Patience, Result, Tag};

use crate::counter::{Counters, Shared};
use crate::launch::Session;
use crate::link::Link;
use crate::watchdog::Watchdog;

/// The ranks that `mpirun` started, as a group. There is one in a process.
///
/// When dropped on every rank, waits until all have come to that point, and ends MPI.
pub struct MpiComm {
    counters: OnceCell<Counters>,
    link: Link,
    /// Last: MPI ends after everything that uses it.
    session: Session,
}

impl std::fmt::Debug for MpiComm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MpiComm({}/{})", self.rank(), self.size())
    }
}

impl MpiComm {
    /// Initialises MPI and makes all ranks a group. Collective. Started without `mpirun`, it is a group of one.
    ///
    /// # Errors
    /// When MPI was initialised before in this process, does not allow calls from two threads, or fails.
    pub fn world(watchdog: Watchdog) -> Result<MpiComm> {
        let mut session = Session::begin()?;
        let link = Link::new()?;
        if link.size() > 1 {
            session.watch(watchdog.start(Link::new()?)?);
        }
        Ok(MpiComm {
            counters: OnceCell::new(),
            link,
            session,
        })
    }

    /// The part of a message that one MPI call carries: counts are 32-bit.
    const PART: usize = 1 << 30;

    fn first_part(tag: Tag) -> c_int {
        Self::number(tag) * 2
    }

    fn further_parts(tag: Tag) -> c_int {
        Self::number(tag) * 2 + 1
    }

    fn number(tag: Tag) -> c_int {
        match tag {
            Tag::Collective => 0,
            Tag::Bell => 1,
            Tag::Output => 2,
            Tag::Permit => 3,
        }
    }
}

impl Drop for MpiComm {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        // Nobody ends while a peer still works, or the peer would be taken for lost.
        let ended = (&*self as &dyn Comm).barrier();
        let mut patience = Patience::new();
        while ended.is_ok() && self.link.unsent().is_ok_and(|unsent| unsent > 0) {
            patience.rest();
            if patience.so_far() > Duration::from_secs(10) {
                break;
            }
        }
        drop(self.counters.take());
        self.session.stop_watching();
    }
}

impl Comm for MpiComm {
    fn rank(&self) -> usize {
        self.link.rank()
    }

    fn size(&self) -> usize {
        self.link.size()
    }

    fn send(&self, to: usize, tag: Tag, bytes: &[u8]) -> Result<()> {
        // The first part begins with the length of the whole message; a message of one part is the rule.
        let (head, mut tail) = bytes.split_at(bytes.len().min(Self::PART));
        let mut first = Vec::with_capacity(8 + head.len());
        first.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        first.extend_from_slice(head);
        self.link
            .send(to, Self::first_part(tag), first.into_boxed_slice())?;
        while !tail.is_empty() {
            let (part, rest) = tail.split_at(tail.len().min(Self::PART));
            self.link.send(to, Self::further_parts(tag), part.into())?;
            tail = rest;
        }
        Ok(())
    }

    fn poll(&self, from: Option<usize>, tag: Tag) -> Result<Option<(usize, Vec<u8>)>> {
        let Some((sender, mut bytes)) = self.link.take(from, Self::first_part(tag))? else {
            return Ok(None);
        };
        let short = || Error::Malformed(format!("rank {sender} sent a message without a length"));
        let (length, _) = bytes.split_first_chunk().ok_or_else(short)?;
        let length = u64::from_le_bytes(*length) as usize;
        bytes.drain(..8);
        // Further parts are on their way already: waiting for them is waiting for the network only.
        let mut patience = Patience::new();
        while bytes.len() < length {
            match self.link.take(Some(sender), Self::further_parts(tag))? {
                Some((_, part)) => bytes.extend_from_slice(&part),
                None => patience.rest(),
            }
        }
        Ok(Some((sender, bytes)))
    }

    fn counter(&self) -> Result<Box<dyn Counter + '_>> {
        let counters = if let Some(counters) = self.counters.get() {
            counters
        } else {
            let counters = Counters::new(&self.link)?;
            self.counters.get_or_init(|| counters)
        };
        Ok(Box::new(Shared::new(counters)?))
    }
}
