//! Integrations become files.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use jobwise_core::{Cause, IndexSet, Sink};
use jobwise_kit::h5::atomic;

use super::starts::Starts;
use crate::analyze::window::Window;
use crate::product::{Optimized, Run, add_optimized, optimized};
use crate::refine::{Optimizer, Refined};
use crate::{Error, Result};

/// The sink of a refinement: holds the integrations of a file until all are there, then replaces the file.
#[derive(Debug)]
pub(super) struct Extended {
    pub(super) starts: Arc<Starts>,
    pub(super) window: Window,
    /// The searches that may have written the files.
    pub(super) runs: Vec<Run>,
    pub(super) optimizer: Optimizer,
    /// Refined peaks of before are replaced.
    pub(super) clobber: bool,
    /// By file: the integrations that are there, by index.
    pub(super) rows: BTreeMap<usize, BTreeMap<usize, Refined>>,
    /// Directories that were searched for what a killed run left.
    pub(super) swept: BTreeSet<PathBuf>,
    /// Other processes write files too, and may be killed at it at any time.
    pub(super) is_shared: bool,
    pub(super) written: Vec<PathBuf>,
}

impl Extended {
    /// Whether a file holds the refined peaks already. Removes what a killed run left beside it.
    fn is_done(&mut self, file: usize) -> Result<bool> {
        let path = self.starts.path(file, &self.window)?;
        if let Some(directory) = path.parent()
            && (self.is_shared || self.swept.insert(directory.to_path_buf()))
            && directory.is_dir()
        {
            atomic::remove_stale(directory)?;
        }
        let integrations = self.window.integrations_of(file).len();
        match optimized(&path, &self.runs, integrations, self.optimizer)? {
            _ if self.clobber => Ok(false),
            Optimized::Absent => Ok(false),
            Optimized::Same => Ok(true),
            Optimized::Other => Err(Error::Format {
                path,
                problem: format!(
                    "holds refined peaks that are not of {}; give --clobber to replace them",
                    self.optimizer.name()
                ),
            }),
        }
    }
}

impl Sink<Refined> for Extended {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        let mut done = IndexSet::new();
        if within.is_empty() {
            return Ok(done);
        }
        for file in self.window.file_of(within.start)..=self.window.file_of(within.end - 1) {
            if self.is_done(file)? {
                done.insert(self.window.integrations_of(file));
            }
        }
        Ok(done)
    }

    fn write(&mut self, index: usize, row: Refined) -> Result<(), Cause> {
        let file = self.window.file_of(index);
        let rows = self.rows.entry(file).or_default();
        rows.insert(index, row);
        if rows.len() == self.window.integrations_of(file).len() {
            let rows = self.rows.remove(&file).unwrap_or_default();
            let rows: Vec<Refined> = rows.into_values().collect();
            let path = self.starts.path(file, &self.window)?;
            add_optimized(&path, self.optimizer, &rows)?;
            log::info!("refined {}", path.display());
            self.written.push(path);
        }
        Ok(())
    }
}
