use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::parcel::{Credit, Parcel};
use super::streaming::Incoming;
use crate::comm::{Channel, Comm, Wire};
use crate::{Arrival, Error, Result};

/// What the readers send to this rank.
pub(super) struct Receiving<'c, I> {
    comm: &'c dyn Comm,
    readers: Vec<Reader>,
    /// Items that wait, with the places of their readers in the list.
    queue: VecDeque<(usize, usize, I)>,
    /// How many items of each reader may be on their way or wait.
    window: usize,
    looked: Instant,
}

struct Reader {
    rank: usize,
    received: u64,
    /// Taken up and not told yet.
    taken: usize,
    has_ended: bool,
}

impl<'c, I: Wire> Receiving<'c, I> {
    /// How often a rank looks whether its readers are still there.
    const EVERY: Duration = Duration::from_millis(5);

    pub(super) fn new(comm: &'c dyn Comm, readers: &[usize], window: usize) -> Self {
        let reader = |&rank: &usize| Reader {
            rank,
            received: 0,
            taken: 0,
            has_ended: false,
        };
        Receiving {
            comm,
            readers: readers.iter().map(reader).collect(),
            queue: VecDeque::new(),
            window,
            looked: Instant::now(),
        }
    }

    /// Tells the readers how many items they may send.
    pub(super) fn begin(&mut self) -> Result<()> {
        (0..self.readers.len()).try_for_each(|at| self.grant(at))
    }

    fn grant(&mut self, at: usize) -> Result<()> {
        let reader = &mut self.readers[at];
        let credit: Credit = Some((reader.taken, self.window));
        reader.taken = 0;
        self.comm
            .send(reader.rank, Channel::CREDIT, &credit.to_bytes())
    }

    fn has_ended(&self) -> bool {
        self.readers.iter().all(|reader| reader.has_ended)
    }

    /// Takes the messages that have arrived.
    fn receive(&mut self) -> Result<()> {
        while !self.has_ended()
            && let Some((rank, bytes)) = self.comm.poll(None, Channel::STREAM)?
        {
            self.take(rank, &bytes)?;
        }
        if self.looked.elapsed() >= Self::EVERY {
            self.looked = Instant::now();
            // Only a poll of one rank notices that this rank is gone.
            for at in 0..self.readers.len() {
                let reader = &self.readers[at];
                if !reader.has_ended
                    && let Some((rank, bytes)) =
                        self.comm.poll(Some(reader.rank), Channel::STREAM)?
                {
                    self.take(rank, &bytes)?;
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, rank: usize, bytes: &[u8]) -> Result<()> {
        let of_rank = |reader: &Reader| reader.rank == rank;
        let at = self.readers.iter().position(of_rank);
        let at = at.ok_or_else(|| Error::Malformed(format!("an item of rank {rank}")))?;
        let reader = &mut self.readers[at];
        match Parcel::from_bytes(bytes)? {
            Parcel::Items(items) => {
                reader.received += items.len() as u64;
                let queued = items.into_iter().map(|(index, item)| (at, index, item));
                self.queue.extend(queued);
            }
            Parcel::End(sent) => {
                reader.has_ended = true;
                if sent != reader.received {
                    return Err(Error::Backend(
                        format!(
                            "rank {rank} sent {sent} items and {} arrived",
                            reader.received
                        )
                        .into(),
                    ));
                }
            }
        }
        Ok(())
    }

    /// Takes what is still on its way, so that nothing is left for the next run.
    pub(super) fn close(&mut self) -> Result<()> {
        for at in 0..self.readers.len() {
            while !self.readers[at].has_ended {
                let rank = self.readers[at].rank;
                let (_, bytes) = self.comm.receive(Some(rank), Channel::STREAM)?;
                // Only how it ends: the run has failed, and its items go with it.
                self.readers[at].has_ended =
                    matches!(Parcel::<I>::from_bytes(&bytes), Ok(Parcel::End(_)));
            }
        }
        let last = Credit::None.to_bytes();
        let send = |reader: &Reader| self.comm.send(reader.rank, Channel::CREDIT, &last);
        self.readers.iter().try_for_each(send)
    }
}

impl<I: Wire> Incoming<I> for Receiving<'_, I> {
    fn pull(&mut self, want: usize) -> Result<Arrival<I>> {
        self.window = self.window.max(2 * want);
        if self.queue.is_empty() {
            self.receive()?;
        }
        let Some((at, index, item)) = self.queue.pop_front() else {
            return Ok(if self.has_ended() {
                Arrival::End
            } else {
                Arrival::Wait
            });
        };
        self.readers[at].taken += 1;
        if self.queue.is_empty() {
            // Whoever waits for room gets it now: nothing else may come.
            let mut due = 0..self.readers.len();
            due.try_for_each(|at| match self.readers[at].taken {
                0 => Ok(()),
                _ => self.grant(at),
            })?;
        } else if self.readers[at].taken >= self.window / 2 {
            self.grant(at)?;
        }
        Ok(Arrival::Item(index, item))
    }
}
