use std::time::{Duration, Instant};

use super::{Channel, Comm, Tree, Wire};
use crate::{Cancel, Error, Result};

/// "Somebody failed or was cancelled: stop handing out work", among the ranks of one run. It goes
/// along the tree: a rank that hears of it tells those of its neighbours that it has not heard it
/// from, so that each edge carries it at most once in each direction, whoever begins.
pub(crate) struct Interrupt<'c> {
    comm: &'c dyn Comm,
    tree: Tree,
    /// The neighbours that this rank has told, and those that have told it.
    told: Vec<usize>,
    heard: Vec<usize>,
    is_raised: bool,
    looked: Option<Instant>,
}

impl<'c> Interrupt<'c> {
    /// How often a rank looks for the others' interrupts.
    const EVERY: Duration = Duration::from_millis(5);

    pub(crate) fn new(comm: &'c dyn Comm) -> Self {
        Interrupt {
            comm,
            tree: Tree::of(comm, 0),
            told: Vec::new(),
            heard: Vec::new(),
            is_raised: false,
            looked: None,
        }
    }

    /// Tells the others, once.
    pub(crate) fn raise(&mut self) {
        if self.is_raised {
            return;
        }
        self.is_raised = true;
        let heard = &self.heard;
        let others = self.tree.neighbours().filter(|rank| !heard.contains(rank));
        self.told = others.collect();
        for &rank in &self.told {
            // A rank that cannot be told is gone, and the agreement at the end of the run says so.
            let _ = self.comm.send(rank, Channel::INTERRUPT, &[]);
        }
    }

    /// Whether another rank raised it, which the neighbours then know too. A rank that waits for
    /// the others asks now and then, since they may hear of it through this one.
    pub(crate) fn is_raised(&mut self) -> Result<bool> {
        if self.comm.size() == 1 {
            return Ok(false);
        }
        if self.heard.is_empty() && self.looked.is_none_or(|at| at.elapsed() >= Self::EVERY) {
            self.looked = Some(Instant::now());
            if let Some((rank, _)) = self.comm.poll(None, Channel::INTERRUPT)? {
                self.heard.push(rank);
                self.raise();
            }
        }
        Ok(!self.heard.is_empty())
    }

    /// The common end of the run: all agree on the outcome, and every interrupt that was sent is
    /// taken, so that none is left for the next run. A rank that has no work left and is cancelled
    /// while it waits raises it for those that work. Collective.
    pub(crate) fn settle<T>(mut self, mine: Result<T>, cancel: &Cancel) -> Result<T> {
        let comm = self.comm;
        if comm.size() == 1 {
            return mine;
        }
        let agreed = comm.agree_while(mine, &mut || {
            if cancel.is_cancelled() {
                self.raise();
            }
            // A peer that is gone is noticed by the agreement.
            let _ = self.is_raised();
        });
        if matches!(agreed, Err(Error::Stranded(_) | Error::PeerLost { .. })) {
            return agreed;
        }
        match self.take_all() {
            Err(lost) => agreed.and(Err(lost)),
            // All went well and it was raised: a rank was cancelled while it waited.
            Ok(true) => agreed.and(Err(Error::Cancelled)),
            Ok(false) => agreed,
        }
    }

    /// Takes what is on its way to this rank, and says whether any rank raised it. Nobody works any
    /// more, so nobody raises it any more. Collective.
    fn take_all(mut self) -> Result<bool> {
        let mut anywhere = self.is_raised;
        let Tree { parent, children } = self.tree.clone();
        for child in children.iter().copied() {
            let (below, tells) = self.hear_of(child)?;
            anywhere |= below;
            self.take(child, tells)?;
        }
        if let Some(parent) = parent {
            self.say_to(parent, anywhere)?;
            let (all, tells) = self.hear_of(parent)?;
            anywhere = all;
            self.take(parent, tells)?;
        }
        for &child in children.iter().rev() {
            self.say_to(child, anywhere)?;
        }
        Ok(anywhere)
    }

    /// Says whether some rank raised it, and whether this one has told `rank`.
    fn say_to(&self, rank: usize, anywhere: bool) -> Result<()> {
        let words = (anywhere, self.told.contains(&rank));
        self.comm.send(rank, Channel::COLLECTIVE, &words.to_bytes())
    }

    fn hear_of(&self, rank: usize) -> Result<(bool, bool)> {
        let (_, bytes) = self.comm.receive(Some(rank), Channel::COLLECTIVE)?;
        Wire::from_bytes(&bytes)
    }

    fn take(&mut self, rank: usize, tells: bool) -> Result<()> {
        if tells && !self.heard.contains(&rank) {
            self.comm.receive(Some(rank), Channel::INTERRUPT)?;
            self.heard.push(rank);
        }
        Ok(())
    }
}
