mod build;
mod work;

use std::ffi::OsStr;
use std::fmt;
use std::time::Duration;

use jobwise_claims::Claim;
use jobwise_core::{Cluster, Comm, Error, Result};

use crate::layout::TaskDirs;
use crate::options::Ignore;
use crate::state::State;
use crate::store::Store;
use crate::task_table::{TaskStatus, TaskTable};

/// Tasks and the workers of a job, see the [crate](crate). All methods are called from one thread
/// of a rank.
///
/// Dropping a pool gives back what this rank still holds, as [`release`](TaskPool::release) does. A
/// process that is killed cannot: then others take its tasks over, and count an attempt.
pub struct TaskPool<'c> {
    comm: &'c dyn Cluster,
    worker_comm: Box<dyn Cluster + 'c>,
    worker: usize,
    workers: usize,
    tasks: usize,
    table: TaskTable<'c>,
    store: Option<Store<'c>>,
}

impl fmt::Debug for TaskPool<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TaskPool {
            tasks,
            workers,
            worker,
            ..
        } = self;
        write!(f, "TaskPool({tasks} tasks, worker {worker} of {workers})")
    }
}

impl<'c> TaskPool<'c> {
    /// How many tasks.
    pub fn len(&self) -> usize {
        self.tasks
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.tasks == 0
    }

    /// How many workers.
    pub fn workers(&self) -> usize {
        self.workers
    }

    /// This rank's worker, below [`workers`](Self::workers).
    pub fn worker(&self) -> usize {
        self.worker
    }

    /// This rank's place in its worker; 0 leads it.
    pub fn worker_rank(&self) -> usize {
        self.worker_comm.rank()
    }

    /// The ranks of this worker.
    pub fn worker_comm(&self) -> &(dyn Comm + 'c) {
        self.worker_comm.as_ref()
    }

    /// What a task is called, on a directory.
    ///
    /// # Panics
    /// When there is no such task, or the tasks are in memory.
    pub fn name(&self, task: usize) -> &OsStr {
        self.on_disk().files.name(task)
    }

    /// Where the directories of the tasks are.
    ///
    /// # Panics
    /// When the tasks are in memory.
    pub fn dirs(&self) -> &TaskDirs {
        &self.on_disk().files.dirs
    }

    fn on_disk(&self) -> &Store<'c> {
        let store = self.store.as_ref();
        store.expect("tasks in memory have neither names nor directories")
    }

    /// Makes the directory of a task and the files in it where there is none yet, as
    /// [`next`](Self::next) does when it takes the task. Where they vanish later, the task is
    /// invalid. Not collective.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn make(&self, task: usize) -> Result<()> {
        self.check(task)?;
        let Some(store) = &self.store else {
            return Ok(());
        };
        let made = store.ensure(task, State::Open);
        self.alarmed(store.confined(task, made, ()))?;
        let word = self.table.look(task)?;
        if word.is() == TaskStatus::Untouched {
            self.table.turn(task, word, TaskStatus::Open, false)?;
        }
        Ok(())
    }

    /// All ranks.
    pub fn comm(&self) -> &'c dyn Cluster {
        self.comm
    }

    /// The next task for this worker, which is running from now on: the lowest that is open (or
    /// that `ignore` admits), after these one that a dead job left behind. `None` when none can be
    /// had at this moment: see [`pending`](Self::pending). What other programs open while this one
    /// runs is seen by [`get`](Self::get) and [`look_again`](Self::look_again). The cost does not
    /// depend on the number of tasks. Collective over the worker.
    ///
    /// # Errors
    /// On all ranks of the worker, when files or the transport fail; then on every other worker at
    /// its next task.
    pub fn next(&self, ignore: Ignore) -> Result<Option<usize>> {
        if self.worker_comm.size() == 1 {
            return self.alarmed(self.take(ignore));
        }
        let mut own = None;
        let told = (self.worker_rank() == 0).then(|| match self.alarmed(self.take(ignore)) {
            Ok(task) => (task, None),
            Err(error) => (None, Some(own.insert(error).to_string())),
        });
        let told = self.worker_comm().broadcast_value(told)?;
        match (own, told) {
            (Some(error), _) => Err(error),
            (None, (task, None)) => Ok(task),
            (None, (_, Some(cause))) => Err(Error::Peer {
                rank: self.comm.rank() - self.worker_rank(),
                cause,
            }),
        }
    }

    /// How many tasks other jobs hold on this directory, as far as was seen: worth waiting for,
    /// because their jobs may fail or give them back. Not collective.
    ///
    /// # Errors
    /// When the transport fails.
    pub fn pending(&self) -> Result<usize> {
        if self.store.is_some() {
            self.table.pending()
        } else {
            Ok(0)
        }
    }

    /// Sets the state of a task, for others and on the disk, and says whether it was: not when
    /// another job has taken the task over from this rank meanwhile, whose state counts, and not
    /// when the directory of the task is not what it should be, which is a warning. One rank of a
    /// worker does so; any state may follow any. Not collective.
    ///
    /// # Errors
    /// When there is no such task; when files or the transport fail, then also on every worker at
    /// its next task.
    pub fn set(&self, task: usize, state: State) -> Result<bool> {
        self.check(task)?;
        self.alarmed(self.write(task, state, None))
    }

    /// Makes a task FAILED and, on a directory, writes beside its state why. Otherwise as
    /// [`set`](Self::set). Not collective.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn fail(&self, task: usize, why: &str) -> Result<bool> {
        self.check(task)?;
        self.alarmed(self.write(task, State::Failed, Some(why)))
    }

    /// Opens a task again, whatever became of it, unless somebody who is alive holds it; says
    /// whether it is open now. Not collective.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn reopen(&self, task: usize) -> Result<bool> {
        self.check(task)?;
        let opened = self
            .store
            .as_ref()
            .map_or(Ok(true), |store| store.reopen(task));
        let opened = self.alarmed(opened)?;
        if opened {
            self.table.put(task, TaskStatus::Open, false)?;
        }
        Ok(opened)
    }

    /// For how long from now on the work on what this rank holds may go on: nothing when it has to
    /// end now. Every sign of life makes it longer. When it is over, others wait for
    /// [`Options::grace`](crate::Options::grace) yet and then take the tasks over. `None` in
    /// memory, where nobody does.
    pub fn holds_for(&self) -> Option<Duration> {
        let part = self.store.as_ref()?.part().ok()?;
        Some(part.owner.holds_for())
    }

    /// Whether somebody died with a task that this rank holds, crashed or told to end, before this
    /// rank had it.
    pub fn was_left(&self, task: usize) -> bool {
        let claims = self.store.as_ref().map(|store| store.claims.borrow());
        claims.is_some_and(|claims| claims.get(&task).is_some_and(Claim::was_left))
    }

    /// Leaves word on the directory that this rank was told to end: should it be killed before it
    /// has given its tasks back, that counts as no crash.
    ///
    /// # Errors
    /// When that cannot be written.
    pub fn tell_end(&self) -> Result<()> {
        match &self.store {
            Some(store) => Ok(store.part()?.owner.tell_end()?),
            None => Ok(()),
        }
    }

    /// The how-manieth attempt at a task this is, of a task that this rank holds on a directory: 1,
    /// and 1 more for each owner that died with it.
    pub fn attempt(&self, task: usize) -> Option<u32> {
        let store = self.store.as_ref()?;
        let claims = store.claims.borrow();
        claims.get(&task).map(Claim::attempt)
    }

    /// The state of a task; on a directory, what its file says. Not collective.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn get(&self, task: usize) -> Result<State> {
        self.check(task)?;
        self.alarmed(self.refresh(task))
    }

    /// Reads all state files anew, so that tasks which other programs opened are handed out. Its
    /// cost grows with the number of tasks. Not collective.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn look_again(&self) -> Result<()> {
        if self.store.is_some() {
            for task in 0..self.tasks {
                self.alarmed(self.refresh(task))?;
            }
        }
        Ok(())
    }

    /// What this job knows of a task, without reading its file. Not collective.
    ///
    /// # Errors
    /// When there is no such task, or the transport fails.
    pub fn known(&self, task: usize) -> Result<State> {
        self.check(task)?;
        Ok(self.table.look(task)?.state())
    }

    /// What this job knows of all tasks, without reading files: a look at each, which rank 0 has at
    /// hand and other nodes have not. Not collective.
    ///
    /// # Errors
    /// When the transport fails.
    pub fn states(&self) -> Result<Vec<State>> {
        (0..self.tasks)
            .map(|task| Ok(self.table.look(task)?.state()))
            .collect()
    }

    /// Gives back all tasks that this rank holds on the directory, as open, and says how many: for
    /// a job that is told to end. Those that others have taken over, and those whose directory is
    /// not what it should be, which is a warning, are not among them. Not collective.
    ///
    /// # Errors
    /// When files or the transport fail; the rest is given back all the same.
    pub fn release(&self) -> Result<usize> {
        let Some(store) = &self.store else {
            return Ok(0);
        };
        let (mut released, mut outcome) = (0, Ok(()));
        for task in store.held() {
            let given_up = store.confined(task, store.give_up(task), None);
            match given_up.and_then(|is| is.map(|is| self.table.put(task, is, false)).transpose()) {
                Ok(opened) => released += usize::from(opened.is_some()),
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        store.settle_marks();
        outcome.map(|()| released)
    }

    /// What was odd so far and is not in anybody's way, one line each; each is told once.
    pub fn take_warnings(&self) -> Vec<String> {
        self.store
            .as_ref()
            .map_or_else(Vec::new, Store::take_warnings)
    }

    fn check(&self, task: usize) -> Result<()> {
        if task < self.tasks {
            return Ok(());
        }
        Err(Error::Program(
            format!(
                "there is no task {task}: the batch has {}, counted from 0",
                self.tasks
            )
            .into(),
        ))
    }
}

impl Drop for TaskPool<'_> {
    fn drop(&mut self) {
        let _ = self.release();
        if let Some(store) = &self.store
            && self.comm.rank() == 0
        {
            store.tidy();
        }
    }
}
