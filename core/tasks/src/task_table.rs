use crate::options::Ignore;
use crate::state::State;
use jobwise_core::{Backoff, Cluster, Result, SharedAtomics};

/// What the ranks of a job know of its tasks, in shared words: a word per task, cursors that make
/// the lowest available task known at once, and a queue of tasks in the hands of other jobs.
///
/// A cursor is a promise: no task below it is available. Who claims moves it up; who opens a task
/// writes the task's word first and then moves every cursor down, which changes their versions, so
/// that nobody who looked before moves them up again past that task.
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

/// The position's bits of a cursor; its version lies above.
const POSITION: u64 = (1 << 40) - 1;

/// The word of a task: what it is, two marks, and above them how often it was changed, so that a
/// comparison notices every change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word(u64);

/// What the job knows of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TaskStatus {
    Open,
    /// This job works on it; or somebody who makes no claims.
    Running,
    Done,
    Failed,
    Invalid,
    /// A rank of this job is about to claim it.
    Taking,
    /// Another job has it.
    Elsewhere,
}

const KINDS: [TaskStatus; 7] = [
    TaskStatus::Open,
    TaskStatus::Running,
    TaskStatus::Done,
    TaskStatus::Failed,
    TaskStatus::Invalid,
    TaskStatus::Taking,
    TaskStatus::Elsewhere,
];
const KIND: u64 = 7;
const FOUND: u64 = 8;
const QUEUED: u64 = 16;
const CHANGE: u64 = 256;

impl Word {
    pub(crate) fn is(self) -> TaskStatus {
        KINDS[(self.0 & KIND) as usize % KINDS.len()]
    }

    /// Whether it is as it was at the start.
    pub(crate) fn found(self) -> bool {
        self.0 & FOUND != 0
    }

    pub(crate) fn state(self) -> State {
        match self.is() {
            TaskStatus::Open => State::Open,
            TaskStatus::Running | TaskStatus::Taking | TaskStatus::Elsewhere => State::Running,
            TaskStatus::Done => State::Done,
            TaskStatus::Failed => State::Failed,
            TaskStatus::Invalid => State::Invalid,
        }
    }

    fn available(self, ignore: Ignore) -> bool {
        let wanted = match self.is() {
            TaskStatus::Open => return true,
            TaskStatus::Running | TaskStatus::Elsewhere => ignore.running,
            TaskStatus::Failed => ignore.failed,
            TaskStatus::Done => ignore.done,
            TaskStatus::Invalid | TaskStatus::Taking => false,
        };
        wanted && self.found()
    }

    fn turned(self, to: TaskStatus, found: bool) -> Word {
        let found = if found { FOUND } else { 0 };
        let count = (self.0 & !(CHANGE - 1)).wrapping_add(CHANGE);
        Word(count | self.0 & QUEUED | found | to as u64)
    }
}

impl From<State> for TaskStatus {
    fn from(state: State) -> TaskStatus {
        match state {
            State::Invalid => TaskStatus::Invalid,
            State::Open => TaskStatus::Open,
            State::Running => TaskStatus::Running,
            State::Done => TaskStatus::Done,
            State::Failed => TaskStatus::Failed,
        }
    }
}

impl<'c> TaskTable<'c> {
    /// All open. `queue` makes room for tasks of other jobs. Collective.
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

    /// Takes the lowest available task for this rank: it becomes `to`. How it was before comes with
    /// it.
    pub(crate) fn take(&self, ignore: Ignore, to: TaskStatus) -> Result<Option<(usize, Word)>> {
        let cursor = CURSORS + ignore.number();
        let seen = self.words.load(cursor)?;
        for task in (seen & POSITION) as usize..self.tasks {
            let word = self.look(task)?;
            if word.available(ignore) && self.turn(task, word, to, false)? {
                self.words
                    .replace(cursor, seen, seen & !POSITION | (task as u64 + 1))?;
                return Ok(Some((task, word)));
            }
        }
        self.words
            .replace(cursor, seen, seen & !POSITION | self.tasks as u64)?;
        Ok(None)
    }

    /// No cursor may be above `task`, and none that was read before may be moved on.
    fn lower(&self, task: usize) -> Result<()> {
        for cursor in CURSORS..CURSORS + Ignore::COMBINATIONS {
            let mut seen = self.words.load(cursor)?;
            loop {
                let position = (seen & POSITION).min(task as u64);
                let new = (seen & !POSITION).wrapping_add(POSITION + 1) | position;
                let before = self.words.replace(cursor, seen, new)?;
                if before == seen {
                    break;
                }
                seen = before;
            }
        }
        Ok(())
    }

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

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;

    use super::*;

    /// What another rank does in between.
    type Meddling = Box<dyn FnMut()>;

    /// Words of several boards, one of which is meddled with before one of its operations.
    struct Shared {
        words: Rc<Vec<Cell<u64>>>,
        until: Cell<Option<usize>>,
        meddling: RefCell<Meddling>,
    }

    impl Shared {
        fn step(&self) {
            let left = self.until.get();
            self.until.set(left.and_then(|left| left.checked_sub(1)));
            if left == Some(0) {
                (self.meddling.borrow_mut())();
            }
        }
    }

    impl SharedAtomics for Shared {
        fn len(&self) -> usize {
            self.words.len()
        }

        fn load(&self, at: usize) -> Result<u64> {
            self.step();
            Ok(self.words[at].get())
        }

        fn add(&self, at: usize, n: u64) -> Result<u64> {
            self.step();
            Ok(self.words[at].replace(self.words[at].get().wrapping_add(n)))
        }

        fn replace(&self, at: usize, expected: u64, new: u64) -> Result<u64> {
            self.step();
            let before = self.words[at].get();
            if before == expected {
                self.words[at].set(new);
            }
            Ok(before)
        }
    }

    fn table(
        words: &Rc<Vec<Cell<u64>>>,
        tasks: usize,
        meddling: Option<(usize, Meddling)>,
    ) -> TaskTable<'static> {
        let (until, meddling) = match meddling {
            Some((until, meddling)) => (Some(until), meddling),
            None => (None, Box::new(|| {}) as Meddling),
        };
        let words = Shared {
            words: words.clone(),
            until: until.into(),
            meddling: meddling.into(),
        };
        TaskTable {
            words: Box::new(words),
            tasks,
            queued: true,
        }
    }

    fn words(tasks: usize) -> Rc<Vec<Cell<u64>>> {
        Rc::new(vec![Cell::new(0); TASKS + 2 * tasks])
    }

    #[test]
    fn a_task_that_is_opened_at_any_instant_of_a_claim_is_found() {
        let tasks = 4;
        let none = Ignore::default();
        for instant in 0..15 {
            for opened in 0..tasks {
                let words = words(tasks);
                let other = table(&words, tasks, None);
                other.put(opened, TaskStatus::Done, false).unwrap();
                let meddling = move || other.put(opened, TaskStatus::Open, false).unwrap();
                let one = table(&words, tasks, Some((instant, Box::new(meddling))));
                let all = || {
                    std::iter::from_fn(|| one.take(none, TaskStatus::Running).unwrap())
                        .map(|(task, _)| task)
                };
                // What is opened while the last one looks is there for who asks again.
                let mut taken: Vec<_> = all().chain(all()).collect();
                taken.sort_unstable();
                assert_eq!(taken, [0, 1, 2, 3], "task {opened} at instant {instant}");
            }
        }
    }

    #[test]
    fn what_changed_meanwhile_is_not_overwritten() {
        let words = words(1);
        let table = table(&words, 1, None);
        let seen = table.look(0).unwrap();
        // It comes back to what it was, and is not the same.
        table.put(0, TaskStatus::Running, false).unwrap();
        table.put(0, TaskStatus::Open, false).unwrap();
        assert!(!table.turn(0, seen, TaskStatus::Done, false).unwrap());
        assert_eq!(table.look(0).unwrap().is(), TaskStatus::Open);
    }

    #[test]
    fn the_queue_gives_each_task_once_and_in_turn() {
        let words = words(3);
        let table = table(&words, 3, None);
        for task in [2, 0, 2, 0] {
            table.enqueue(task).unwrap();
        }
        assert_eq!(
            (table.pending().unwrap(), table.pop().unwrap()),
            (2, Some(2))
        );
        table.enqueue(2).unwrap();
        assert_eq!(table.pending().unwrap(), 2, "it is still being looked at");
        table.push(2).unwrap();
        assert_eq!(table.pop().unwrap(), Some(0));
        table.dequeue(0).unwrap();
        assert_eq!(
            (
                table.pending().unwrap(),
                table.pop().unwrap(),
                table.pop().unwrap()
            ),
            (1, Some(2), None)
        );
        table.dequeue(2).unwrap();
        table.enqueue(1).unwrap();
        assert_eq!(table.pop().unwrap(), Some(1));
        table.put(1, TaskStatus::Elsewhere, false).unwrap();
        table.enqueue(1).unwrap();
        table.dequeue(1).unwrap();
        assert_eq!(
            (table.pending().unwrap(), table.pop().unwrap()),
            (1, Some(1))
        );
        table.put(1, TaskStatus::Done, false).unwrap();
        table.dequeue(1).unwrap();
        // Many times around the ring.
        for round in 0..10 {
            table.enqueue(round % 3).unwrap();
            assert_eq!(table.pop().unwrap(), Some(round % 3));
            table.dequeue(round % 3).unwrap();
        }
        assert_eq!(table.pending().unwrap(), 0);
    }
}
