use crate::options::Ignore;
use crate::state::State;
use crate::store::{CLAIM, Store};
use jobwise_claims::{Answer, Claim, Standing};
use jobwise_core::Result;

/// What became of the attempt to take a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Taken,
    /// Somebody has it, or may have it.
    Elsewhere,
    /// It is running in nobody's hands, and is to be left so.
    Unowned,
    /// It needs nobody now.
    TaskStatus(State),
}

/// A first look at a task, before it is claimed.
enum Look {
    /// It may be taken. `unowned`: though it is running and nobody has a claim.
    Promising {
        unowned: bool,
    },
    Not(Outcome),
}

/// Which states may be taken.
#[derive(Clone, Copy)]
struct Admitted(Ignore);

impl Admitted {
    /// Running tasks are a matter of claims.
    fn admits(self, state: State) -> bool {
        match state {
            State::Open => true,
            State::Done => self.0.done,
            State::Failed => self.0.failed,
            State::Running | State::Invalid => false,
        }
    }
}

impl Store<'_> {
    /// As [`take`](Self::take) of a task that nobody has touched, and that may have no files yet.
    pub(crate) fn take_untouched(&self, task: usize, ignore: Ignore) -> Result<Outcome> {
        let made = self.ensure(task, State::Open).map(|()| None);
        let invalid = Some(Outcome::TaskStatus(State::Invalid));
        match self.confined(task, made, invalid)? {
            Some(outcome) => Ok(outcome),
            None => self.take(task, ignore),
        }
    }

    /// Tries to take a task that the job has for open, or for one that `ignore` admits because it
    /// is as it was at the start.
    pub(crate) fn take(&self, task: usize, ignore: Ignore) -> Result<Outcome> {
        self.confined(
            task,
            self.attempt(task, ignore),
            Outcome::TaskStatus(State::Invalid),
        )
    }

    fn attempt(&self, task: usize, ignore: Ignore) -> Result<Outcome> {
        let part = self.part()?;
        self.claims.borrow_mut().remove(&task);
        let unowned = match self.look(task, ignore)? {
            Look::Promising { unowned } => unowned,
            Look::Not(outcome) => return Ok(outcome),
        };
        // A worker of this job that has it gave it up: the job would not have it for open
        // otherwise.
        let Answer::Won(claim) =
            part.owner
                .claim_over(self.files.at(task).path(), CLAIM, Some(&self.job))?
        else {
            return Ok(Outcome::Elsewhere);
        };
        // It may have been done between the look and the claim.
        let state = self.read(task)?;
        let abandoned = state == State::Running && (unowned || claim.was_left());
        if !Admitted(ignore).admits(state) && !abandoned {
            claim.release()?;
            return Ok(if state == State::Running {
                self.unowned()
            } else {
                Outcome::TaskStatus(state)
            });
        }
        if state == State::Done {
            self.unmark(task)?;
        }
        if claim.crashed() >= self.options.attempts {
            return self.give_up_on(task, claim);
        }
        self.files.at(task).forget_reason()?;
        let attempt = claim.attempt();
        // From here on the task is ours, so that it is given back when the rest fails.
        self.claims.borrow_mut().insert(task, claim);
        self.write_claimed(task, State::Running)?;
        self.note(task, State::Running, attempt)?;
        Ok(Outcome::Taken)
    }

    fn look(&self, task: usize, ignore: Ignore) -> Result<Look> {
        let mut state = self.read(task)?;
        if state == State::Running {
            match self
                .part()?
                .owner
                .standing(self.files.at(task).path(), CLAIM)?
            {
                Standing::Held(_) => return Ok(Look::Not(Outcome::Elsewhere)),
                Standing::Free { left: true, .. } => return Ok(Look::Promising { unowned: false }),
                // Its owner may just have finished: the state is written before the claim is given
                // back.
                Standing::Free { left: false, .. } => state = self.read(task)?,
            }
        }
        Ok(match state {
            State::Running if ignore.running || self.is_old(task)? => {
                Look::Promising { unowned: true }
            }
            State::Running => Look::Not(self.unowned()),
            state if Admitted(ignore).admits(state) => Look::Promising { unowned: false },
            state => Look::Not(Outcome::TaskStatus(state)),
        })
    }

    /// Whether a task that is running without a claim has been so for long enough.
    fn is_old(&self, task: usize) -> Result<bool> {
        let Some(limit) = self.options.reclaim_unowned else {
            return Ok(false);
        };
        let (written, file) = self.files.at(task).written()?;
        let owner = &self.part()?.owner;
        // What is dated in the future was written before it was first seen.
        let age = owner
            .age(written)
            .unwrap_or_else(|| owner.unchanged(file, written));
        Ok(age >= limit)
    }

    /// It may become old enough yet.
    fn unowned(&self) -> Outcome {
        if self.options.reclaim_unowned.is_some() {
            Outcome::Elsewhere
        } else {
            Outcome::Unowned
        }
    }

    /// Opens a task unless somebody alive holds it.
    pub(crate) fn reopen(&self, task: usize) -> Result<bool> {
        let part = self.part()?;
        self.ensure(task, State::Open)?;
        let Answer::Won(claim) = part.owner.claim(self.files.at(task).path(), CLAIM)? else {
            return Ok(false);
        };
        self.unmark(task)?;
        self.files.at(task).forget_reason()?;
        self.files.at(task).write(State::Open, &part.by)?;
        self.note(task, State::Open, claim.attempt())?;
        claim.release()?;
        Ok(true)
    }

    /// Writes down why a task failed.
    pub(crate) fn explain(&self, task: usize, why: &str) -> Result<()> {
        let explained = self.files.at(task).explain(why, &self.part()?.by);
        self.confined(task, explained, ())
    }

    /// Whoever works on it dies.
    fn give_up_on(&self, task: usize, claim: Claim) -> Result<Outcome> {
        let by = &self.part()?.by;
        let crashed = claim.crashed();
        let why = format!(
            "{crashed} attempts ended with the death of their process, and {} are allowed",
            self.options.attempts
        );
        self.explain(task, &why)?;
        self.files.at(task).write(State::Failed, by)?;
        self.note(task, State::Failed, crashed)?;
        claim.release()?;
        Ok(Outcome::TaskStatus(State::Failed))
    }
}
