use std::collections::BTreeMap;

use super::rows::{Run, join_all};
use super::{Plan, Rows};
use crate::{Error, Result};

/// Rows in memory that are not in the file yet.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// By their first unit.
    runs: BTreeMap<usize, Run>,
    bytes: usize,
}

impl Pending {
    /// Adds the rows of an item.
    ///
    /// # Errors
    /// They are not those of this item, or not of the lengths that are planned; `path` is named.
    pub(super) fn add(
        &mut self,
        plan: &Plan,
        path: &std::path::Path,
        item: usize,
        rows: Rows,
    ) -> Result<()> {
        let bytes = rows.bytes();
        let runs = rows.runs_of(plan, item);
        let runs = runs.map_err(|problem| Error::Format {
            path: path.to_path_buf(),
            object: plan.group.clone(),
            problem,
        })?;
        self.bytes += bytes;
        for run in runs {
            self.runs.insert(run.units.start, run);
        }
        Ok(())
    }

    /// Bytes of all.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes all; the rows of neighbours are joined up to `longest` bytes, for fewer and longer
    /// writes.
    pub(super) fn take(&mut self, longest: usize) -> Vec<Run> {
        self.bytes = 0;
        join_all(std::mem::take(&mut self.runs).into_values(), longest)
    }
}
