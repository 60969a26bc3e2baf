//! How tasks are when a job begins: each worker looks at a part of them.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirEntryExt;

use crate::layout::{Layout, SHARDS, entries, hash, shard_of};
use crate::marks::Marks;
use crate::state::State;
use crate::store::{CLAIM, Store};
use crate::task_dir::StateFile;
use crate::task_table::TaskStatus;
use jobwise_claims::{Answer, Standing};
use jobwise_core::{Error, Job, Layout as Parts, Result, Span};

/// Tasks and how they are, by number; those that are not among them are untouched.
pub(crate) type Found = Vec<(usize, u8)>;

impl Store<'_> {
    /// The tasks of one of `parts` parts that are not untouched. `leftovers`: dead jobs have left
    /// claims somewhere.
    pub(crate) fn look_at_part(&self, part: usize, parts: usize, leftovers: bool) -> Result<Found> {
        let mut found = Found::new();
        let mut put = |task, status: TaskStatus| {
            if status != TaskStatus::Untouched {
                found.push((task, status.number()));
            }
        };
        match &self.marks {
            None => {
                let job = Job::new(part, parts).map_err(|error| Error::Program(error.into()))?;
                let span = Span::whole(self.files.len()).part(job, Parts::Contiguous);
                for task in span.iter() {
                    put(task, self.find(task, leftovers)?);
                }
            }
            Some(marks) => {
                debug_assert_eq!(self.files.dirs.layout(), Layout::Shards);
                for (shard, tasks) in self.tasks_by_shard(part, parts) {
                    let listing = self.list(marks, shard)?;
                    for task in tasks {
                        let status = match listing.status(self.files.name(task)) {
                            Some(status) => status,
                            None => self.find(task, leftovers)?,
                        };
                        put(task, status);
                    }
                }
                self.settle_marks();
            }
        }
        Ok(found)
    }

    /// The tasks in every `parts`th shard.
    fn tasks_by_shard(&self, part: usize, parts: usize) -> Vec<(usize, Vec<usize>)> {
        let mut tasks: Vec<_> = (part..SHARDS)
            .step_by(parts)
            .map(|shard| (shard, Vec::new()))
            .collect();
        for task in 0..self.files.len() {
            let shard = shard_of(self.files.name(task));
            if shard % parts == part {
                tasks[shard / parts].1.push(task);
            }
        }
        tasks
    }

    /// Lists the marks of a shard, then its directories, so that a mark whose directory is not
    /// there has none any more.
    fn list(&self, marks: &Marks, shard: usize) -> Result<Listing> {
        let marked = marks.list(shard)?;
        let found = entries(&self.files.dirs.shard(shard))?;
        let inodes: HashMap<OsString, u64> = found
            .iter()
            .map(|entry| (entry.file_name(), entry.ino()))
            .collect();
        let there: HashSet<_> = (inodes.iter())
            .map(|(name, inode)| (*inode, hash(name)))
            .collect();
        let mut done = HashSet::new();
        for (subject, is_firm) in marked {
            if !there.contains(&subject) {
                marks.forget(shard, subject)?;
            } else if is_firm {
                done.insert(subject);
            }
        }
        Ok(Listing { inodes, done })
    }

    /// Looks at a task. What an earlier run declared invalid is opened; what the dead left is
    /// removed; what is done is marked.
    pub(crate) fn find(&self, task: usize, leftovers: bool) -> Result<TaskStatus> {
        let found = self.find_unconfined(task, leftovers);
        self.confined(task, found, TaskStatus::Invalid)
    }

    fn find_unconfined(&self, task: usize, leftovers: bool) -> Result<TaskStatus> {
        let said = self.files.at(task).read()?;
        match said {
            StateFile::Missing => return Ok(TaskStatus::Untouched),
            StateFile::State(State::Invalid) => return self.open(task),
            _ => self.warn(task, &said),
        }
        let state = said.state();
        match state {
            State::Open => Ok(TaskStatus::Untouched),
            State::Running => Ok(TaskStatus::Elsewhere),
            _ => {
                let is_unmarked = state == State::Done && self.marks.is_some();
                if leftovers || is_unmarked {
                    self.tidy_task(task, is_unmarked)?;
                }
                Ok(TaskStatus::from(state))
            }
        }
    }

    /// Whoever died after writing that state left its claim. To claim after it and to give back
    /// removes both.
    fn tidy_task(&self, task: usize, is_unmarked: bool) -> Result<()> {
        let owner = &self.part()?.owner;
        let dir = self.files.at(task);
        let Standing::Free { left, .. } = owner.standing(dir.path(), CLAIM)? else {
            return Ok(());
        };
        if (left || is_unmarked)
            && let Answer::Won(claim) = owner.claim(dir.path(), CLAIM)?
        {
            if is_unmarked && dir.read()? == StateFile::State(State::Done) {
                self.mark(task);
            }
            claim.release()?;
        }
        Ok(())
    }

    /// A task that an earlier run declared invalid is open to this one.
    fn open(&self, task: usize) -> Result<TaskStatus> {
        let part = self.part()?;
        let dir = self.files.at(task);
        let Answer::Won(claim) = part.owner.claim(dir.path(), CLAIM)? else {
            return Ok(TaskStatus::Elsewhere);
        };
        if dir.read()? == StateFile::State(State::Invalid) {
            dir.write(State::Open, &part.by)?;
        }
        let said = dir.read()?;
        claim.release()?;
        Ok(if said == StateFile::State(State::Running) {
            TaskStatus::Elsewhere
        } else {
            TaskStatus::from(said.state())
        })
    }
}

/// What lies in a shard.
struct Listing {
    inodes: HashMap<OsString, u64>,
    /// Directories with firm marks.
    done: HashSet<(u64, u64)>,
}

impl Listing {
    /// How a task is; nothing, where it has to be looked at.
    fn status(&self, name: &OsStr) -> Option<TaskStatus> {
        if name.as_bytes().contains(&b'/') {
            return None;
        }
        let Some(inode) = self.inodes.get(name) else {
            return Some(TaskStatus::Untouched);
        };
        let is_done = self.done.contains(&(*inode, hash(name)));
        is_done.then_some(TaskStatus::Done)
    }
}
