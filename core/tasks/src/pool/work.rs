use super::TaskPool;
use crate::options::Ignore;
use crate::state::State;
use crate::take::Outcome;
use crate::task_table::TaskStatus;
use jobwise_core::{Error, Result};

/// What a rank does with a task: the words of the job and the files of the directory together.
impl TaskPool<'_> {
    /// An error here is heard by every worker at its next task.
    pub(super) fn alarmed<T>(&self, outcome: Result<T>) -> Result<T> {
        if outcome.is_err() {
            self.table.ring(self.comm.rank());
        }
        outcome
    }

    pub(super) fn take(&self, ignore: Ignore) -> Result<Option<usize>> {
        if let Some(rank) = self.table.alarm()? {
            return Err(Error::Peer {
                rank,
                cause: "its batch failed".to_owned(),
            });
        }
        let Some(store) = &self.store else {
            return Ok(self
                .table
                .take(ignore, TaskStatus::Running)?
                .map(|(task, _)| task));
        };
        while let Some((task, before)) = self.table.take(ignore, TaskStatus::Taking)? {
            let outcome = match before.is() {
                TaskStatus::Untouched => store.take_untouched(task, ignore),
                _ if before.found() => store.take(task, ignore),
                _ => store.take(task, Ignore::default()),
            };
            match outcome? {
                Outcome::Taken => {
                    self.table.put(task, TaskStatus::Running, false)?;
                    return Ok(Some(task));
                }
                outcome => self.file_away(task, outcome)?,
            }
        }
        for _ in 0..self.table.pending()? {
            let Some(task) = self.table.pop()? else { break };
            let word = self.table.look(task)?;
            if word.is() != TaskStatus::Elsewhere
                || !self.table.turn(task, word, TaskStatus::Taking, false)?
            {
                self.table.dequeue(task)?;
                continue;
            }
            match store.take(task, Ignore::default())? {
                Outcome::Taken => {
                    self.table.put(task, TaskStatus::Running, false)?;
                    self.table.dequeue(task)?;
                    return Ok(Some(task));
                }
                Outcome::Elsewhere => {
                    self.table.put(task, TaskStatus::Elsewhere, word.found())?;
                    self.table.push(task)?;
                }
                outcome => {
                    self.file_away(task, outcome)?;
                    self.table.dequeue(task)?;
                }
            }
        }
        Ok(None)
    }

    /// A task that could not be had.
    fn file_away(&self, task: usize, outcome: Outcome) -> Result<()> {
        match outcome {
            Outcome::Taken => self.table.put(task, TaskStatus::Running, false),
            Outcome::Elsewhere => {
                self.table.put(task, TaskStatus::Elsewhere, false)?;
                self.table.enqueue(task)
            }
            Outcome::Unowned => self.table.put(task, TaskStatus::Running, true),
            Outcome::TaskStatus(state) => self.table.put(task, TaskStatus::from(state), false),
        }
    }

    pub(super) fn write(&self, task: usize, state: State, why: Option<&str>) -> Result<bool> {
        if let Some(store) = &self.store {
            match store.confined(task, store.set(task, state, why).map(Some), None)? {
                Some(true) => {}
                Some(false) => {
                    self.table.put(task, TaskStatus::Elsewhere, false)?;
                    self.table.enqueue(task)?;
                    return Ok(false);
                }
                None => {
                    self.table.put(task, TaskStatus::Invalid, false)?;
                    return Ok(false);
                }
            }
        }
        self.table.put(task, TaskStatus::from(state), false)?;
        Ok(true)
    }

    pub(super) fn refresh(&self, task: usize) -> Result<State> {
        let word = self.table.look(task)?;
        let Some(store) = &self.store else {
            return Ok(word.state());
        };
        let state = match word.is() {
            TaskStatus::Untouched => store.read_untouched(task)?,
            _ => store.read(task)?,
        };
        // Whoever changed the word meanwhile knew better; a task that is being claimed is in
        // between.
        if word.state() != state && word.is() != TaskStatus::Taking {
            self.table
                .turn(task, word, TaskStatus::from(state), false)?;
        }
        Ok(state)
    }
}
