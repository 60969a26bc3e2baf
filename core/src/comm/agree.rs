use std::time::Duration;

use super::{Backoff, Channel, Comm, Wire};
use crate::{Error, Result};

/// How long a rank that failed waits for the others before it gives up on a common end.
pub(crate) const GRACE: Duration = Duration::from_secs(3);

/// What one rank says of its own outcome.
enum Word {
    Fine,
    Cancelled,
    Failed(String),
}

impl Wire for Word {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Word::Fine => 0u8.put(out),
            Word::Cancelled => 1u8.put(out),
            Word::Failed(cause) => {
                2u8.put(out);
                cause.put(out);
            }
        }
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        match u8::take(input)? {
            0 => Ok(Word::Fine),
            1 => Ok(Word::Cancelled),
            2 => Ok(Word::Failed(String::take(input)?)),
            other => Err(Error::Malformed(format!("outcome {other}"))),
        }
    }
}

/// What all ranks make of it: the lowest failing rank with its cause, or a cancellation.
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
        let word = match mine {
            Ok(_) => Word::Fine,
            Err(Error::Cancelled) => Word::Cancelled,
            Err(error) => Word::Failed(error.to_string()),
        };
        let backoff = Backoff::new();
        let mut receive = |from: usize| -> Result<Option<Vec<u8>>> {
            let mut nap = Backoff::new();
            loop {
                if let Some((_, bytes)) = self.poll(Some(from), Channel::COLLECTIVE)? {
                    return Ok(Some(bytes));
                }
                if failed && backoff.so_far() > GRACE {
                    return Ok(None);
                }
                idle();
                nap.snooze();
            }
        };
        if self.rank() != 0 {
            self.send(0, Channel::COLLECTIVE, &word.to_bytes())?;
            let Some(bytes) = receive(0)? else {
                return Ok(None);
            };
            return Verdict::from_bytes(&bytes).map(Some);
        }
        let mut words = vec![word];
        for rank in 1..self.size() {
            let Some(bytes) = receive(rank)? else {
                return Ok(None);
            };
            words.push(Word::from_bytes(&bytes)?);
        }
        let verdict = judge(&words);
        let bytes = verdict.to_bytes();
        for rank in 1..self.size() {
            self.send(rank, Channel::COLLECTIVE, &bytes)?;
        }
        Ok(Some(verdict))
    }
}

fn judge(words: &[Word]) -> Verdict {
    let failure = words
        .iter()
        .enumerate()
        .find_map(|(rank, word)| match word {
            Word::Failed(cause) => Some((rank, Some(cause.clone()))),
            _ => None,
        });
    let cancelled = words
        .iter()
        .position(|word| matches!(word, Word::Cancelled))
        .map(|rank| (rank, None));
    failure.or(cancelled)
}
