use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use jobwise_core::{Cluster, Result};
use jobwise_tasks::Names;

use crate::quote::quoted;
use crate::task::Task;

/// What the tasks of a run are called by the user, and their numbers in the directory: once per
/// node.
pub(super) struct Roll<'c> {
    /// Eight bytes for the number, then the text.
    entries: Names<'c>,
}

impl<'c> Roll<'c> {
    /// Of the tasks and numbers that rank 0 has. Collective.
    pub(super) fn share(
        comm: &'c dyn Cluster,
        tasks: &[Task],
        numbers: &[usize],
    ) -> Result<Roll<'c>> {
        let entry = |(task, &number): (&Task, &usize)| {
            let number = (number as u64).to_le_bytes();
            OsString::from_vec([&number, task.text.as_bytes()].concat())
        };
        let entries = Names::share(comm, tasks.iter().zip(numbers).map(entry))?;
        Ok(Roll { entries })
    }

    /// What the user calls a task.
    pub(super) fn text(&self, task: usize) -> &OsStr {
        OsStr::from_bytes(self.entry(task).1)
    }

    /// The same, for a line on a terminal.
    pub(super) fn shown(&self, task: usize) -> String {
        quoted(self.text(task))
    }

    /// Its number in the directory.
    pub(super) fn number(&self, task: usize) -> usize {
        u64::from_le_bytes(*self.entry(task).0) as usize
    }

    fn entry(&self, task: usize) -> (&[u8; 8], &[u8]) {
        let bytes = self.entries.get(task).as_bytes();
        bytes
            .split_first_chunk()
            .expect("an entry begins with eight bytes")
    }
}
