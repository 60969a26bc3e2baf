use std::cell::{OnceCell, RefCell, RefMut};
use std::collections::HashMap;
use std::path::PathBuf;

use crate::error::is_disorder_in;
use crate::files::{Files, StateFile};
use crate::journal::Journal;
use crate::options::Options;
use crate::recycled_files::RecycledFiles;
use crate::state::State;
use crate::task_table::TaskStatus;
use jobwise_claims::{Answer, Claim, Leftovers, Owner, Standing, Terms, Warnings};
use jobwise_core::Result;

/// The tasks of a directory, as this rank deals with them: state files, claims, journal.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) files: Files,
    pub(crate) options: Options,
    /// Its name in claims, the same on all ranks and in no other job.
    pub(crate) job: String,
    worker: usize,
    /// Ranks that neither lead a worker nor set states take no part.
    part: OnceCell<Part>,
    /// By task.
    pub(crate) claims: RefCell<HashMap<usize, Claim>>,
    oddities: Warnings,
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

impl Store {
    pub(crate) fn new(files: Files, options: Options, job: String, worker: usize) -> Store {
        Store {
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
        let said = self.files.read(task)?;
        self.warn(task, &said);
        Ok(said.state())
    }

    fn warn(&self, task: usize, said: &StateFile) {
        if let StateFile::Nonsense(why) = said {
            let path = self.files.state_file(task);
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
            Err(error) if is_disorder_in(&self.files.dir(task), &error) => {
                self.oddities
                    .note(format!("{error}: the task is left alone"));
                Ok(instead)
            }
            outcome => outcome,
        }
    }

    /// Looks at a task before the run and makes its files where they are missing. `leftovers`: dead
    /// jobs have left claims somewhere.
    pub(crate) fn prepare(
        &self,
        task: usize,
        initial: State,
        leftovers: bool,
    ) -> Result<TaskStatus> {
        self.confined(
            task,
            self.begin(task, initial, leftovers),
            TaskStatus::Invalid,
        )
    }

    fn begin(&self, task: usize, initial: State, leftovers: bool) -> Result<TaskStatus> {
        let part = self.part()?;
        let mut said = self.files.read(task)?;
        if said == StateFile::Missing {
            self.files.make(task, initial, &part.by)?;
            said = self.files.read(task)?;
            // A state that the caller gave is kept as it is.
            if said == StateFile::State(initial) {
                return Ok(TaskStatus::from(initial));
            }
        }
        if said == StateFile::State(State::Invalid) {
            return self.open(task);
        }
        self.warn(task, &said);
        let state = said.state();
        if leftovers && matches!(state, State::Done | State::Failed | State::Invalid) {
            // Whoever died after writing that state left its claim. To claim after it and to give
            // back removes both.
            let dir = self.files.dir(task);
            if let Standing::Free { left: true, .. } = part.owner.standing(&dir, CLAIM)?
                && let Answer::Won(claim) = part.owner.claim(&dir, CLAIM)?
            {
                claim.release()?;
            }
        }
        Ok(if state == State::Running {
            TaskStatus::Elsewhere
        } else {
            TaskStatus::from(state)
        })
    }

    /// A task that an earlier run declared invalid is open to this one.
    fn open(&self, task: usize) -> Result<TaskStatus> {
        let part = self.part()?;
        let Answer::Won(claim) = part.owner.claim(&self.files.dir(task), CLAIM)? else {
            return Ok(TaskStatus::Elsewhere);
        };
        if self.files.read(task)? == StateFile::State(State::Invalid) {
            self.files.write(task, State::Open, &part.by)?;
        }
        let said = self.files.read(task)?;
        claim.release()?;
        Ok(if said == StateFile::State(State::Running) {
            TaskStatus::Elsewhere
        } else {
            TaskStatus::from(said.state())
        })
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
        if let Some(why) = why {
            self.explain(task, why)?;
        }
        if attempt > 0 {
            self.write_claimed(task, state)?;
        } else {
            self.files.write(task, state, &self.part()?.by)?;
        }
        self.note(task, state, attempt)?;
        if state != State::Running
            && let Some(claim) = self.claims.borrow_mut().remove(&task)
        {
            claim.release()?;
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
            let ours =
                claim.still_mine()? && self.files.read(task)? == StateFile::State(State::Running);
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
        spares.write(&self.files, task, state, &part.by)
    }

    pub(crate) fn note(&self, task: usize, state: State, attempt: u32) -> Result<()> {
        let mut journal: RefMut<'_, Journal> = self.part()?.journal.borrow_mut();
        journal.note(task, self.files.name(task), state, attempt)
    }
}
