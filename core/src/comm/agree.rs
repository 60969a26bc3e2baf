use std::time::Duration;

use super::{Backoff, Channel, Comm, Tree, Wire};
use crate::{Error, Result};

/// How long a rank that failed waits for the others before it gives up on a common end.
pub(crate) const GRACE: Duration = Duration::from_secs(3);

/// What some ranks make of their outcomes: the lowest failing rank with its cause, or else the
/// lowest that was cancelled.
type Verdict = Option<(usize, Option<String>)>;

impl dyn Comm + '_ {
    /// Every rank learns whether all succeeded. If some failed, the lowest of them returns its own
    /// error and all others [`Error::Peer`] with that one, so that it is reported once; if none
    /// failed but one was cancelled, all return [`Error::Cancelled`]. Collective.
    ///
    /// # Errors
    /// As above; [`Error::Stranded`] on a failing rank whose peers do not arrive within 3 s.
    pub fn agree<T>(&self, mine: Result<T>) -> Result<T> {
        self.agree_while(mine, &mut || {})
    }

    /// As [`agree`](Self::agree); calls `idle` now and then while it waits.
    pub(super) fn agree_while<T>(&self, mine: Result<T>, idle: &mut dyn FnMut()) -> Result<T> {
        if self.size() == 1 {
            return mine;
        }
        let failed = matches!(&mine, Err(e) if !matches!(e, Error::Cancelled));
        match self.verdict(&mine, failed, idle) {
            // Only a failed rank runs out of grace, so `mine` is its error.
            Ok(None) => mine.map_err(|error| Error::Stranded(Box::new(error))),
            Ok(Some(fault)) => match (fault, mine) {
                (None, mine) => mine,
                (Some((rank, _)), Err(error)) if failed && rank == self.rank() => Err(error),
                (Some((_, None)), _) => Err(Error::Cancelled),
                (Some((rank, Some(cause))), _) => Err(Error::Peer { rank, cause }),
            },
            Err(lost) => mine.and(Err(lost)),
        }
    }

    /// `None` when this rank failed and its grace is over.
    fn verdict<T>(
        &self,
        mine: &Result<T>,
        failed: bool,
        idle: &mut dyn FnMut(),
    ) -> Result<Option<Verdict>> {
        let mut verdict: Verdict = match mine {
            Ok(_) => None,
            Err(Error::Cancelled) => Some((self.rank(), None)),
            Err(error) => Some((self.rank(), Some(error.to_string()))),
        };
        let backoff = Backoff::new();
        let mut receive = |from: usize| -> Result<Option<Verdict>> {
            let mut nap = Backoff::new();
            loop {
                if let Some((_, bytes)) = self.poll(Some(from), Channel::COLLECTIVE)? {
                    return Verdict::from_bytes(&bytes).map(Some);
                }
                if failed && backoff.so_far() > GRACE {
                    return Ok(None);
                }
                idle();
                self.rest(&mut nap);
            }
        };
        let tree = Tree::of(self, 0);
        for &child in &tree.children {
            let Some(word) = receive(child)? else {
                return Ok(None);
            };
            verdict = first(verdict, word);
        }
        if let Some(parent) = tree.parent {
            self.send(parent, Channel::COLLECTIVE, &verdict.to_bytes())?;
            let Some(word) = receive(parent)? else {
                return Ok(None);
            };
            verdict = word;
        }
        let bytes = verdict.to_bytes();
        for &child in tree.children.iter().rev() {
            self.send(child, Channel::COLLECTIVE, &bytes)?;
        }
        Ok(Some(verdict))
    }
}

/// A failure counts more than a cancellation, and a low rank more than a high one.
fn first(one: Verdict, other: Verdict) -> Verdict {
    let weight = |verdict: &Verdict| match verdict {
        Some((rank, Some(_))) => (0, *rank),
        Some((rank, None)) => (1, *rank),
        None => (2, 0),
    };
    if weight(&other) < weight(&one) {
        other
    } else {
        one
    }
}
