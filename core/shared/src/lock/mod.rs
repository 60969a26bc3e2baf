mod counts;
mod slot;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::time::{Duration, Instant};

use counts::Counts;
use jobwise_core::{Backoff, Channel, Cluster, Error, Result, SharedAtomics, Wire};
use slot::Slot;

/// A lock that one rank of a group has at a time, in the order in which they ask for it.
///
/// A rank asks by taking a ticket, which is one atomic addition; if nobody has the lock it has it
/// then. Else it waits until whoever has it passes it on: on one node at a word of its own, on
/// several for a message of a private group, so that waiting costs the network nothing.
///
/// It is not re-entrant: a rank that has the lock and asks for it gets an error. A rank that panics
/// lets go of it. One that is gone without a word while it has the lock keeps it: others can give
/// up ([`lock_timeout`](Self::lock_timeout)) and name it ([`holder`](Self::holder)).
///
/// ```
/// use jobwise_core::LocalCluster;
/// use jobwise_shared::FairLock;
///
/// LocalCluster::run(3, |comm| {
///     let lock = FairLock::new(&comm)?;
///     let guard = lock.lock()?;
///     // One rank at a time is here.
///     guard.unlock()
/// });
/// ```
pub struct FairLock<'c> {
    words: Box<dyn SharedAtomics + 'c>,
    /// For word that a lock is granted; `None` on one node.
    news: Option<Box<dyn Cluster + 'c>>,
    rank: usize,
    size: usize,
    /// How many slots: more than ranks, a power of two, so that tickets go round evenly.
    slots: usize,
    /// The ticket that has the lock.
    held: Cell<Option<u32>>,
    /// The ticket that was given up and perhaps not passed over yet.
    left: Cell<Option<u32>>,
    /// What this rank's own word says.
    said: Cell<u64>,
}

/// The right to be the only one: ends when dropped.
#[derive(Debug)]
#[must_use = "the lock is let go when this is dropped"]
pub struct Guard<'l> {
    lock: &'l FairLock<'l>,
}

/// Words of a cache line.
const LINE: usize = 8;
const COUNTS: usize = 0;

enum Asked {
    /// The lock is this rank's.
    Mine(u32),
    Wait(u32),
}

impl<'c> FairLock<'c> {
    /// A lock that nobody has. Collective.
    ///
    /// # Errors
    /// On every rank, when it cannot be made.
    pub fn new(cluster: &'c dyn Cluster) -> Result<FairLock<'c>> {
        let (rank, size) = (cluster.rank(), cluster.size());
        let slots = (size + 1).next_power_of_two();
        let news = match cluster.nodes().count() {
            1 => None,
            _ => Some(cluster.split(0, rank)?),
        };
        Ok(FairLock {
            words: cluster.words(LINE * (1 + slots + size))?,
            news,
            rank,
            size,
            slots,
            held: Cell::new(None),
            left: Cell::new(None),
            said: Cell::new(0),
        })
    }

    /// Waits until the lock is this rank's. Not collective, as all that follows.
    ///
    /// # Errors
    /// When this rank has it already, or the transport fails.
    pub fn lock(&self) -> Result<Guard<'_>> {
        loop {
            if let Some(guard) = self.acquire(None)? {
                return Ok(guard);
            }
        }
    }

    /// Takes the lock if nobody has it. `None` otherwise, without asking for it.
    ///
    /// # Errors
    /// As [`lock`](Self::lock).
    pub fn try_lock(&self) -> Result<Option<Guard<'_>>> {
        self.not_mine()?;
        loop {
            let word = self.words.load(COUNTS)?;
            let counts = Counts::of(word);
            if !counts.is_free() {
                return Ok(None);
            }
            if self.words.replace(COUNTS, word, word + Counts::TAKE)? == word {
                // With nobody before it, what this rank once gave up is passed over.
                self.left.set(None);
                self.begin(counts)?;
                return self.has(counts.taken()).map(Some);
            }
        }
    }

    /// As [`lock`](Self::lock), for at most this long. A rank that gives up loses its turn if it
    /// comes while it is away; if it asks again before, it has its old place.
    ///
    /// # Errors
    /// As [`lock`](Self::lock).
    pub fn lock_timeout(&self, limit: Duration) -> Result<Option<Guard<'_>>> {
        self.acquire(Instant::now().checked_add(limit))
    }

    /// Whether this rank has the lock.
    pub fn is_locked_by_me(&self) -> bool {
        self.held.get().is_some()
    }

    /// The rank that has the lock; `None` also while it changes hands. What it says may be past
    /// when it returns: for diagnosis.
    ///
    /// # Errors
    /// When the transport fails.
    pub fn holder(&self) -> Result<Option<usize>> {
        let mut backoff = Backoff::new();
        // Between its turn and its own word, a rank has the lock namelessly.
        while backoff.so_far() < Duration::from_millis(20) {
            let counts = Counts::of(self.words.load(COUNTS)?);
            if counts.is_free() {
                return Ok(None);
            }
            for rank in 0..self.size {
                if self.words.load(self.own(rank))? == u64::from(counts.served()) + 1 {
                    return Ok(Some(rank));
                }
            }
            backoff.snooze();
        }
        Ok(None)
    }

    /// How many ranks have the lock or have asked for it, those included that gave up and were not
    /// passed over. For diagnosis.
    ///
    /// # Errors
    /// When the transport fails.
    pub fn queue(&self) -> Result<usize> {
        Ok(Counts::of(self.words.load(COUNTS)?).out())
    }

    fn own(&self, rank: usize) -> usize {
        LINE * (1 + self.slots + rank)
    }

    fn slot(&self, ticket: u32) -> usize {
        LINE * (1 + ticket as usize % self.slots)
    }

    fn waiting(&self, ticket: u32) -> u64 {
        let rank = self.rank as u32;
        Slot::Waiting { ticket, rank }.word()
    }

    fn abandoned(&self, ticket: u32) -> u64 {
        let rank = self.rank as u32;
        Slot::Abandoned { ticket, rank }.word()
    }

    fn not_mine(&self) -> Result<()> {
        match self.held.get() {
            None => Ok(()),
            Some(_) => Err(Error::Program(
                "this rank has the lock already and would wait for itself".into(),
            )),
        }
    }

    fn acquire(&self, until: Option<Instant>) -> Result<Option<Guard<'_>>> {
        self.not_mine()?;
        match self.ask()? {
            Asked::Mine(ticket) => self.has(ticket).map(Some),
            Asked::Wait(ticket) => {
                if self.wait(ticket, until)? {
                    self.has(ticket).map(Some)
                } else {
                    Ok(None)
                }
            }
        }
    }

    fn ask(&self) -> Result<Asked> {
        if let Some(ticket) = self.left.take() {
            let (gone, back) = (self.abandoned(ticket), self.waiting(ticket));
            if self.words.replace(self.slot(ticket), gone, back)? == gone {
                return Ok(Asked::Wait(ticket));
            }
            // It was passed over.
        }
        let counts = Counts::of(self.words.add(COUNTS, Counts::TAKE)?);
        let ticket = counts.taken();
        if counts.is_free() {
            self.begin(counts)?;
            return Ok(Asked::Mine(ticket));
        }
        let empty = Slot::Empty.word();
        let slot = self.slot(ticket);
        let before = self.words.replace(slot, empty, self.waiting(ticket))?;
        if before == empty {
            return Ok(Asked::Wait(ticket));
        }
        self.take_grant(ticket)?;
        Ok(Asked::Mine(ticket))
    }

    /// Whether it became this ticket's turn in time.
    fn wait(&self, ticket: u32, until: Option<Instant>) -> Result<bool> {
        // Whoever has the lock for a moment only is met awake.
        for _ in 0..if self.news.is_none() { 100 } else { 0 } {
            if self.is_granted(ticket)? {
                return self.take_grant(ticket).map(|()| true);
            }
            std::hint::spin_loop();
        }
        let mut backoff = Backoff::new();
        while !self.is_granted(ticket)? {
            if until.is_some_and(|until| Instant::now() >= until) {
                let waits = self.waiting(ticket);
                let gone = self.abandoned(ticket);
                if self.words.replace(self.slot(ticket), waits, gone)? == waits {
                    self.left.set(Some(ticket));
                    return Ok(false);
                }
                // It was granted just now.
                break;
            }
            backoff.snooze();
        }
        self.take_grant(ticket).map(|()| true)
    }

    fn is_granted(&self, ticket: u32) -> Result<bool> {
        let Some(news) = &self.news else {
            return Ok(self.words.load(self.slot(ticket))? == Slot::Granted { ticket }.word());
        };
        // News of tickets that were taken before their news came is old.
        while let Some((_, news)) = news.poll(None, Channel::LOCK)? {
            if u32::from_bytes(&news)? == ticket {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Leaves the slot empty for a later ticket.
    fn take_grant(&self, ticket: u32) -> Result<()> {
        let granted = Slot::Granted { ticket }.word();
        let before = self
            .words
            .replace(self.slot(ticket), granted, Slot::Empty.word())?;
        if before == granted {
            Ok(())
        } else {
            let found = Slot::of(before, ticket)?;
            Err(Error::Malformed(format!(
                "{found:?} where ticket {ticket} was granted"
            )))
        }
    }

    /// Nobody waits and the lock is this rank's, after `counts`.
    fn begin(&self, counts: Counts) -> Result<()> {
        if counts.round_is_over() {
            self.words.add(COUNTS, Counts::TURN_BACK)?;
        }
        Ok(())
    }

    /// The lock is this rank's; says so in its own word, which only it changes.
    fn has(&self, ticket: u32) -> Result<Guard<'_>> {
        self.held.set(Some(ticket));
        let guard = Guard { lock: self };
        let says = u64::from(ticket) + 1;
        let change = says.wrapping_sub(self.said.replace(says));
        self.words.add(self.own(self.rank), change)?;
        Ok(guard)
    }

    /// Passes the lock on, if this rank has it.
    fn release(&self) -> Result<()> {
        if self.held.take().is_none() {
            return Ok(());
        }
        loop {
            let before = Counts::of(self.words.add(COUNTS, Counts::SERVE)?);
            let now = Counts {
                serving: before.serving + 1,
                ..before
            };
            if now.is_free() {
                return Ok(());
            }
            // Until it is granted, nobody else serves.
            self.begin(now)?;
            if self.grant(now.served())? {
                return Ok(());
            }
        }
    }

    /// Gives the lock to a ticket; not if it was given up, which is then passed over.
    fn grant(&self, ticket: u32) -> Result<bool> {
        let slot = self.slot(ticket);
        let mut seen = Slot::Empty.word();
        loop {
            let (rank, next) = match Slot::of(seen, ticket)? {
                Slot::Empty => (None, Slot::Granted { ticket }),
                Slot::Waiting { rank, .. } => (Some(rank), Slot::Granted { ticket }),
                Slot::Abandoned { .. } => (None, Slot::Empty),
                Slot::Granted { .. } => {
                    return Err(Error::Malformed(format!(
                        "ticket {ticket} is granted twice"
                    )));
                }
            };
            let before = self.words.replace(slot, seen, next.word())?;
            if before == seen {
                if let (Some(rank), Some(news)) = (rank, &self.news) {
                    news.send(rank as usize, Channel::LOCK, &ticket.to_bytes())?;
                }
                return Ok(next != Slot::Empty);
            }
            seen = before;
        }
    }
}

impl std::fmt::Debug for FairLock<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FairLock")
            .field("rank", &self.rank)
            .field("size", &self.size)
            .field("held", &self.held)
            .finish_non_exhaustive()
    }
}

impl Guard<'_> {
    /// Lets go of the lock, and tells if that failed, which dropping keeps to itself.
    ///
    /// # Errors
    /// When the transport fails: nobody may get the lock then.
    pub fn unlock(self) -> Result<()> {
        self.lock.release()
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        // A transport that fails says so to the next who asks it.
        let _ = self.lock.release();
    }
}
