use std::time::{Duration, Instant};

use super::{Comm, Tag};
use crate::Result;

/// "Somebody failed or was cancelled: stop handing out work", among the ranks of one run.
pub(crate) struct Bell<'c> {
    comm: &'c dyn Comm,
    rang: bool,
    heard: Vec<usize>,
    looked: Option<Instant>,
}

impl<'c> Bell<'c> {
    /// How often a rank looks for the others' bells.
    const EVERY: Duration = Duration::from_millis(5);

    pub(crate) fn new(comm: &'c dyn Comm) -> Self {
        Bell {
            comm,
            rang: false,
            heard: Vec::new(),
            looked: None,
        }
    }

    /// Tells every other rank, once.
    pub(crate) fn ring(&mut self) {
        if self.rang {
            return;
        }
        self.rang = true;
        for rank in (0..self.comm.size()).filter(|&rank| rank != self.comm.rank()) {
            // A rank that cannot be told is gone, and the agreement at the end of the run says so.
            let _ = self.comm.send(rank, Tag::Bell, &[]);
        }
    }

    /// Whether another rank rang.
    pub(crate) fn heard(&mut self) -> Result<bool> {
        if self.comm.size() == 1 {
            return Ok(false);
        }
        if self.heard.is_empty() && self.looked.is_none_or(|at| at.elapsed() >= Self::EVERY) {
            self.looked = Some(Instant::now());
            if let Some((rank, _)) = self.comm.poll(None, Tag::Bell)? {
                self.heard.push(rank);
            }
        }
        Ok(!self.heard.is_empty())
    }

    /// The common end of the run: all agree on the outcome, and every bell that was rung is taken, so that none is left
    /// for the next run. Collective.
    pub(crate) fn settle<T>(self, mine: Result<T>) -> Result<T> {
        let (outcome, rangers) = self.comm.agree_on_bells(mine, self.rang);
        for rank in rangers {
            if rank != self.comm.rank() && !self.heard.contains(&rank) {
                self.comm.receive(Some(rank), Tag::Bell)?;
            }
        }
        outcome
    }
}
