use super::word::{CHANGE, QUEUED, TaskStatus};
use super::{HEAD, PENDING, TAIL, TASKS, TaskTable};
use jobwise_core::{Backoff, Result};

impl TaskTable<'_> {
    /// How many tasks other jobs had when they were last looked at.
    pub(crate) fn pending(&self) -> Result<usize> {
        Ok(self.words.load(PENDING)? as usize)
    }

    /// Puts a task of another job in the queue, once.
    pub(crate) fn enqueue(&self, task: usize) -> Result<()> {
        loop {
            let word = self.look(task)?;
            if word.0 & QUEUED != 0 {
                return Ok(());
            }
            if self
                .words
                .replace(TASKS + task, word.0, (word.0 | QUEUED).wrapping_add(CHANGE))?
                == word.0
            {
                self.words.add(PENDING, 1)?;
                return self.push(task);
            }
        }
    }

    /// Puts it back after a look.
    pub(crate) fn push(&self, task: usize) -> Result<()> {
        let place = self.place(self.words.add(TAIL, 1)?);
        self.wait(|| Ok(self.words.replace(place, 0, task as u64 + 1)? == 0))
    }

    /// The task that has waited longest. It stays marked as queued: [`push`](Self::push) it or
    /// [`dequeue`](Self::dequeue) it.
    pub(crate) fn pop(&self) -> Result<Option<usize>> {
        loop {
            let head = self.words.load(HEAD)?;
            if head == self.words.load(TAIL)? {
                return Ok(None);
            }
            if self.words.replace(HEAD, head, head.wrapping_add(1))? != head {
                continue;
            }
            // Who put it may have its place, but not yet have written it.
            let place = self.place(head);
            let mut task = 0;
            self.wait(|| {
                task = self.words.load(place)?;
                Ok(task != 0 && self.words.replace(place, task, 0)? == task)
            })?;
            return Ok(Some(task as usize - 1));
        }
    }

    /// A popped task is nobody else's any more. If it is again, by the word of a rank that took it
    /// for queued, it is put back.
    pub(crate) fn dequeue(&self, task: usize) -> Result<()> {
        loop {
            let word = self.look(task)?;
            if word.is() == TaskStatus::Elsewhere {
                return self.push(task);
            }
            let new = (word.0 & !QUEUED).wrapping_add(CHANGE);
            if self.words.replace(TASKS + task, word.0, new)? == word.0 {
                self.words.add(PENDING, u64::MAX)?;
                return Ok(());
            }
        }
    }

    /// The queue never holds more than all tasks, so a ring of that length is enough.
    fn place(&self, number: u64) -> usize {
        debug_assert!(self.queued, "a pool in memory has no queue");
        TASKS + self.tasks + (number % self.tasks as u64) as usize
    }

    fn wait(&self, mut done: impl FnMut() -> Result<bool>) -> Result<()> {
        let mut backoff = Backoff::new();
        while !done()? {
            if self.alarm()?.is_some() {
                return Err(jobwise_core::Error::Cancelled);
            }
            backoff.snooze();
        }
        Ok(())
    }
}
