mod queue;
mod word;

use crate::options::Ignore;
use jobwise_core::{Cluster, Result, SharedAtomics};
pub(crate) use word::{TaskStatus, Word};

/// What the ranks of a job know of its tasks, in shared words: a word per task, cursors that make
/// the lowest available task known at once, and a queue of tasks in the hands of other jobs.
///
/// A cursor is a promise: no task below it is available, but those that ranks look at since they
/// moved it past them. Who claims moves it up by one and has that place to itself, so that ranks
/// that come together look at tasks of their own; who opens a task writes the task's word first and
/// then moves every cursor down.
pub(crate) struct TaskTable<'c> {
    words: Box<dyn SharedAtomics + 'c>,
    tasks: usize,
    queued: bool,
}

/// Word of the rank + 1 that failed.
const ALARM: usize = 0;
/// Of the queue: the next place to take from, the next place to put to, and how many tasks are in
/// it or being looked at.
const HEAD: usize = 1;
const TAIL: usize = 2;
const PENDING: usize = 3;
/// On a cache line of their own: a cursor for each combination of [`Ignore`].
const CURSORS: usize = 8;
const TASKS: usize = CURSORS + Ignore::COMBINATIONS;

impl<'c> TaskTable<'c> {
    /// All untouched. `queue` makes room for tasks of other jobs. Collective.
    pub(crate) fn new(comm: &'c dyn Cluster, tasks: usize, queue: bool) -> Result<TaskTable<'c>> {
        let words = TASKS + if queue { 2 * tasks } else { tasks };
        Ok(TaskTable {
            words: comm.words(words)?,
            tasks,
            queued: queue,
        })
    }

    /// The rank that failed, if one did.
    pub(crate) fn alarm(&self) -> Result<Option<usize>> {
        Ok((self.words.load(ALARM)? as usize).checked_sub(1))
    }

    /// Tells all ranks that this one failed.
    pub(crate) fn ring(&self, rank: usize) {
        // Where this fails too, the transport is broken, which every rank sees by itself.
        let _ = self.words.replace(ALARM, 0, rank as u64 + 1);
    }

    pub(crate) fn look(&self, task: usize) -> Result<Word> {
        Ok(Word(self.words.load(TASKS + task)?))
    }

    /// Changes a word that is still as it was `seen`, and says whether it was.
    pub(crate) fn turn(
        &self,
        task: usize,
        seen: Word,
        to: TaskStatus,
        found: bool,
    ) -> Result<bool> {
        let new = seen.turned(to, found);
        if self.words.replace(TASKS + task, seen.0, new.0)? != seen.0 {
            return Ok(false);
        }
        if to == TaskStatus::Open || found {
            self.lower(task)?;
        }
        Ok(true)
    }

    /// Changes a word whatever it is now.
    pub(crate) fn put(&self, task: usize, to: TaskStatus, found: bool) -> Result<()> {
        while !self.turn(task, self.look(task)?, to, found)? {}
        Ok(())
    }

    /// How tasks are at the start; those that are not among these are untouched. Before any rank
    /// does anything else with them, on one rank: the one that has the words.
    pub(crate) fn begin(&self, found: impl IntoIterator<Item = (usize, TaskStatus)>) -> Result<()> {
        let mut words = vec![Word::UNTOUCHED; self.tasks];
        for (task, status) in found {
            if status == TaskStatus::Untouched {
                continue;
            }
            words[task] = Word::UNTOUCHED.turned(status, true);
            self.words.add(TASKS + task, words[task].0)?;
            if status == TaskStatus::Elsewhere {
                self.enqueue(task)?;
            }
        }
        for ignore in Ignore::all() {
            let is_available = |word: &Word| word.available(ignore);
            let first = words.iter().position(is_available);
            self.words.add(
                CURSORS + ignore.number(),
                first.unwrap_or(words.len()) as u64,
            )?;
        }
        Ok(())
    }

    /// Takes the lowest available task for this rank: it becomes `to`. How it was before comes with
    /// it.
    pub(crate) fn take(&self, ignore: Ignore, to: TaskStatus) -> Result<Option<(usize, Word)>> {
        let cursor = CURSORS + ignore.number();
        while (self.words.load(cursor)? as usize) < self.tasks {
            let task = self.words.add(cursor, 1)? as usize;
            if task >= self.tasks {
                break;
            }
            loop {
                let word = self.look(task)?;
                if !word.available(ignore) {
                    break;
                }
                if self.turn(task, word, to, false)? {
                    return Ok(Some((task, word)));
                }
            }
        }
        Ok(None)
    }

    /// No cursor may be above `task`.
    fn lower(&self, task: usize) -> Result<()> {
        for cursor in CURSORS..CURSORS + Ignore::COMBINATIONS {
            let mut seen = self.words.load(cursor)?;
            while seen > task as u64 {
                let before = self.words.replace(cursor, seen, task as u64)?;
                if before == seen {
                    break;
                }
                seen = before;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
