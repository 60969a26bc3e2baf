use std::cell::{OnceCell, RefCell, RefMut};
use std::collections::HashMap;
use std::path::PathBuf;
use std::{fs, io};

use crate::error::is_disorder_in;
use crate::files::Files;
use crate::journal::Journal;
use crate::layout::Layout;
use crate::marks::Marks;
use crate::options::Options;
use crate::recycled_files::RecycledFiles;
use crate::state::State;
use crate::task_dir::StateFile;
use crate::task_table::TaskStatus;
use jobwise_claims::{Claim, Leftovers, Owner, Terms, Warnings};
use jobwise_core::Result;

/// The tasks of a directory, as this rank deals with them: state files, claims, journal.
#[derive(Debug)]
pub(crate) struct Store<'c> {
    pub(crate) files: Files<'c>,
    pub(crate) options: Options,
    /// Its name in claims, the same on all ranks and in no other job.
    pub(crate) job: String,
    worker: usize,
    /// Ranks that neither lead a worker nor set states take no part.
    part: OnceCell<Part>,
    /// By task.
    pub(crate) claims: RefCell<HashMap<usize, Claim>>,
    /// Of a directory in shards.
    pub(crate) marks: Option<Marks>,
    pub(crate) oddities: Warnings,
}

#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) owner: Owner,
    journal: RefCell<Journal>,
    /// What becomes a state file by renaming.
    pub(crate) by: PathBuf,
    spares: RefCell<RecycledFiles>,
}

/// The name of the claims in a task's directory.
pub(crate) const CLAIM: &str = "claim";

impl<'c> Store<'c> {
    pub(crate) fn new(files: Files<'c>, options: Options, job: String, worker: usize) -> Store<'c> {
        let is_in_shards = files.dirs.layout() == Layout::Shards;
        Store {
            marks: is_in_shards.then(|| Marks::new(&files.bookkeeping())),
            files,
            options,
            job,
            worker,
            part: OnceCell::new(),
            claims: RefCell::default(),
            oddities: Warnings::default(),
        }
    }

    pub(crate) fn part(&self) -> Result<&Part> {
        if let Some(part) = self.part.get() {
            return Ok(part);
        }
        let bookkeeping = self.files.bookkeeping();
        let terms = Terms {
            job: self.job.clone(),
            worker: self.worker,
            lease: self.options.lease,
            grace: self.options.grace,
        };
        let owner = Owner::join(&bookkeeping, &terms)?;
        let journal = Journal::open(&bookkeeping, &self.job, owner.host(), self.worker)?;
        let by = owner.private("state");
        let spares = RecycledFiles::new(owner.clone()).into();
        Ok(self.part.get_or_init(|| Part {
            owner,
            spares,
            journal: journal.into(),
            by,
        }))
    }

    /// Says so when the directory has another layout than was asked for.
    pub(crate) fn tell_layout(&self) {
        if self.options.layout == Layout::Shards && self.marks.is_none() {
            self.oddities.note(format!(
                "{} has its tasks beside each other and not in shards: it stays so; for shards, \
                 use a new directory",
                self.files.dirs.root().display()
            ));
        }
    }

    /// Joins the directory and removes what dead jobs left in its bookkeeping.
    pub(crate) fn sweep(&self) -> Result<Leftovers> {
        Ok(self.part()?.owner.sweep()?)
    }

    /// The last one tidies up; what it cannot remove, the next job will.
    pub(crate) fn tidy(&self) {
        if let Some(part) = self.part.get() {
            let _ = part.owner.sweep();
        }
    }

    pub(crate) fn take_warnings(&self) -> Vec<String> {
        let mut warnings = self.oddities.take();
        if let Some(part) = self.part.get() {
            warnings.extend(part.owner.take_warnings());
        }
        warnings
    }

    /// What the state file says, for a program that runs.
    pub(crate) fn read(&self, task: usize) -> Result<State> {
        let said = self.files.at(task).read()?;
        self.warn(task, &said);
        Ok(said.state())
    }

    /// The same of a task that nobody has touched: it is open where it has no files yet.
    pub(crate) fn read_untouched(&self, task: usize) -> Result<State> {
        Ok(match self.files.at(task).read()? {
            StateFile::Missing => State::Open,
            said => said.state(),
        })
    }

    /// Makes the files of a task where it has none.
    pub(crate) fn ensure(&self, task: usize, state: State) -> Result<()> {
        let dir = self.files.at(task);
        if fs::symlink_metadata(dir.state_file()).is_ok() {
            return Ok(());
        }
        dir.make(state, &self.part()?.by)
    }

    /// Marks a task that this rank has claimed as done. Where that cannot be, the next run looks
    /// at the task: no misfortune.
    pub(crate) fn mark(&self, task: usize) {
        if let Some(marks) = &self.marks {
            let made = marks.make(&self.files.at(task), self.files.name(task));
            self.note_unmarked(made);
        }
    }

    /// The task, which this rank has claimed, is about to be something else than done.
    pub(crate) fn unmark(&self, task: usize) -> Result<()> {
        let (dir, name) = (self.files.at(task), self.files.name(task));
        let removed = self.marks.as_ref().map(|marks| marks.remove(&dir, name));
        removed.unwrap_or(Ok(()))
    }

    /// Makes the marks of tasks firm whose claims were given back.
    pub(crate) fn settle_marks(&self) {
        if let Some(marks) = &self.marks {
            self.note_unmarked(marks.settle());
        }
    }

    fn note_unmarked(&self, marked: io::Result<()>) {
        if let Err(error) = marked {
            self.oddities.note(format!(
                "cannot mark tasks as done in {}: {error}; the next run looks at each of them",
                self.files.bookkeeping().display()
            ));
        }
    }

    pub(crate) fn warn(&self, task: usize, said: &StateFile) {
        if let StateFile::Nonsense(why) = said {
            let path = self.files.at(task).state_file();
            self.oddities.note(format!(
                "{} is no state file ({why}): the task is left alone until it is opened",
                path.display()
            ));
        }
    }

    /// An error that is about the directory of this task alone leaves the others alone: it becomes
    /// a warning and `instead`.
    pub(crate) fn confined<T>(&self, task: usize, outcome: Result<T>, instead: T) -> Result<T> {
        match outcome {
            Err(error) if is_disorder_in(self.files.at(task).path(), &error) => {
                self.oddities
                    .note(format!("{error}: the task is left alone"));
                Ok(instead)
            }
            outcome => outcome,
        }
    }

    /// Writes a state, and before it why, and gives the claim back, except for RUNNING. `false`
    /// when another one has the task now, whose state and reason count.
    pub(crate) fn set(&self, task: usize, state: State, why: Option<&str>) -> Result<bool> {
        let mut attempt = 0;
        let mut lost = false;
        if let Some(claim) = self.claims.borrow().get(&task) {
            attempt = claim.attempt();
            lost = !claim.still_mine()?;
        }
        if lost {
            self.claims.borrow_mut().remove(&task);
            return Ok(false);
        }
        if attempt == 0 {
            self.ensure(task, state)?;
        }
        if let Some(why) = why {
            self.explain(task, why)?;
        }
        if attempt > 0 {
            self.write_claimed(task, state)?;
        } else {
            self.unmark(task)?;
            self.files.at(task).write(state, &self.part()?.by)?;
        }
        self.note(task, state, attempt)?;
        if attempt > 0 && state == State::Done {
            self.mark(task);
        }
        if state != State::Running
            && let Some(claim) = self.claims.borrow_mut().remove(&task)
        {
            claim.release()?;
        }
        if self.marks.as_ref().is_some_and(Marks::are_due) {
            self.settle_marks();
        }
        Ok(true)
    }

    /// The tasks that this rank holds.
    pub(crate) fn held(&self) -> Vec<usize> {
        self.claims.borrow().keys().copied().collect()
    }

    /// Gives a task back as open, if it is still this rank's and running. What it has become, where
    /// that is known.
    pub(crate) fn give_up(&self, task: usize) -> Result<Option<TaskStatus>> {
        let Some(claim) = self.claims.borrow_mut().remove(&task) else {
            return Ok(None);
        };
        let opened = (|| {
            let ours = claim.still_mine()?
                && self.files.at(task).read()? == StateFile::State(State::Running);
            if ours {
                self.write_claimed(task, State::Open)?;
                self.note(task, State::Open, claim.attempt())?;
            }
            Ok(ours)
        })();
        match opened {
            Ok(ours) => {
                claim.release()?;
                Ok(ours.then_some(TaskStatus::Open))
            }
            Err(error) => {
                // The file may say RUNNING for ever: the claim of a process that has ended tells
                // others that this is not so.
                claim.abandon();
                Err(error)
            }
        }
    }

    /// Writes the state of a task that this rank holds.
    pub(crate) fn write_claimed(&self, task: usize, state: State) -> Result<()> {
        let part = self.part()?;
        let mut spares = part.spares.borrow_mut();
        spares.write(&self.files.at(task), task, state, &part.by)
    }

    pub(crate) fn note(&self, task: usize, state: State, attempt: u32) -> Result<()> {
        let mut journal: RefMut<'_, Journal> = self.part()?.journal.borrow_mut();
        journal.note(task, self.files.name(task), state, attempt)
    }
}
