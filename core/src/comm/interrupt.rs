use std::time::{Duration, Instant};

use super::{Channel, Comm};
use crate::{Cancel, Error, Result};

/// "Somebody failed or was cancelled: stop handing out work", among the ranks of one run.
pub(crate) struct Interrupt<'c> {
    comm: &'c dyn Comm,
    rang: bool,
    heard: Vec<usize>,
    looked: Option<Instant>,
}

impl<'c> Interrupt<'c> {
    /// How often a rank looks for the others' interrupts.
    const EVERY: Duration = Duration::from_millis(5);

    pub(crate) fn new(comm: &'c dyn Comm) -> Self {
        Interrupt {
            comm,
            rang: false,
            heard: Vec::new(),
            looked: None,
        }
    }

    /// Tells every other rank, once.
    pub(crate) fn raise(&mut self) {
        if self.rang {
            return;
        }
        self.rang = true;
        for rank in (0..self.comm.size()).filter(|&rank| rank != self.comm.rank()) {
            // A rank that cannot be told is gone, and the agreement at the end of the run says so.
            let _ = self.comm.send(rank, Channel::INTERRUPT, &[]);
        }
    }

    /// Whether another rank rang.
    pub(crate) fn is_raised(&mut self) -> Result<bool> {
        if self.comm.size() == 1 {
            return Ok(false);
        }
        if self.heard.is_empty() && self.looked.is_none_or(|at| at.elapsed() >= Self::EVERY) {
            self.looked = Some(Instant::now());
            if let Some((rank, _)) = self.comm.poll(None, Channel::INTERRUPT)? {
                self.heard.push(rank);
            }
        }
        Ok(!self.heard.is_empty())
    }

    /// The common end of the run: all agree on the outcome, and every interrupt that was rung is
    /// taken, so that none is left for the next run. A rank that has no work left and is cancelled
    /// while it waits rings for those that work. Collective.
    pub(crate) fn settle<T>(mut self, mine: Result<T>, cancel: &Cancel) -> Result<T> {
        let comm = self.comm;
        if comm.size() == 1 {
            return mine;
        }
        let agreed = comm.agree_while(mine, &mut || {
            if cancel.is_cancelled() {
                self.raise();
            }
        });
        if matches!(agreed, Err(Error::Stranded(_) | Error::PeerLost { .. })) {
            return agreed;
        }
        // Nobody works any more, so nobody rings any more.
        let rang = match comm.all_gather(&self.rang) {
            Ok(rang) => rang,
            Err(lost) => return agreed.and(Err(lost)),
        };
        for rank in (0..comm.size()).filter(|&rank| rank != comm.rank() && rang[rank]) {
            if !self.heard.contains(&rank) {
                comm.receive(Some(rank), Channel::INTERRUPT)?;
            }
        }
        if rang.contains(&true) {
            // All went well and a interrupt rang: a rank was cancelled while it waited.
            agreed.and(Err(Error::Cancelled))
        } else {
            agreed
        }
    }
}
