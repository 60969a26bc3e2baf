//! Integrations become files.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jobwise_core::{Cause, IndexSet, Sink};
use jobwise_kit::{Inputs, regular_file};

use super::starts::Starts;
use crate::analyze::current::Recorded;
use crate::analyze::leftovers::Leftovers;
use crate::analyze::source::{Source, Windows};
use crate::analyze::window::Window;
use crate::parameters::Parameters;
use crate::product::{Optimized, RunInfo, add_optimized, optimized};
use crate::refine::{Optimizer, Refined};
use crate::{Error, Result};

/// The sink of a refinement: holds the integrations of a file until all are there, then replaces
/// the file.
#[derive(Debug)]
pub(super) struct Extended {
    pub(super) starts: Arc<Starts>,
    pub(super) window: Window,
    pub(super) source: Arc<Source>,
    pub(super) parameters: Parameters,
    pub(super) inputs: Arc<Inputs>,
    /// The searches that may have written the files.
    pub(super) runs: Vec<RunInfo>,
    pub(super) optimizer: Optimizer,
    /// Refined peaks of before are replaced.
    pub(super) clobber: bool,
    /// By file: the integrations that are there, by index.
    pub(super) rows: BTreeMap<usize, BTreeMap<usize, Refined>>,
    pub(super) leftovers: Leftovers,
    pub(super) written: Vec<PathBuf>,
}

impl Extended {
    /// The integrations whose refined peaks a file holds already, or that have nothing to refine.
    /// Removes what a killed run left beside it.
    fn begin(&mut self, file: usize) -> Result<IndexSet> {
        let path = self.starts.path(file, &self.window)?;
        self.leftovers.remove_beside(&path)?;
        let integrations = self.window.integrations_of(file);
        let mut all = IndexSet::new();
        all.insert(integrations.clone());
        if !path.exists() && !self.is_recorded(integrations.clone())? {
            log::info!("{} has no samples", path.display());
            return Ok(all);
        }
        if path.exists()
            && let Err(source) = regular_file(&path)
        {
            let error = Error::Io {
                path: path.clone(),
                source,
            };
            self.inputs.pass_over(&path, error)?;
            return Ok(all);
        }
        match optimized(&path, &self.runs, integrations.len(), self.optimizer)? {
            Optimized::Unusable(problem) => {
                self.inputs.pass_over(&path, Error::Request(problem))?;
                Ok(all)
            }
            // The search must look at it first.
            _ if self.is_outdated(&path, integrations.clone())? => Ok(all),
            _ if self.clobber => Ok(IndexSet::new()),
            Optimized::Absent => Ok(IndexSet::new()),
            Optimized::Same => Ok(all),
            Optimized::Partly(rows) => {
                let rows = integrations
                    .zip(rows)
                    .filter(|(_, row)| !row.power.is_nan());
                let rows: BTreeMap<usize, Refined> = rows.collect();
                let done = rows.keys().copied().collect();
                self.rows.insert(file, rows);
                Ok(done)
            }
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

impl Extended {
    fn recorded(&self) -> Recorded<'_> {
        Recorded {
            source: &self.source,
            window: &self.window,
            parameters: &self.parameters,
        }
    }

    /// Whether any integration has a sample: for others the search writes no file.
    fn is_recorded(&self, integrations: Range<usize>) -> Result<bool> {
        let most = Windows::samples(&self.parameters) as u64;
        for integration in integrations {
            let start = self.window.sample(integration);
            if self.source.look(start, &self.parameters)?.counts.missing < most {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the recording has changed since the search. It is then named as an input that cannot
    /// be used.
    fn is_outdated(&self, path: &Path, integrations: Range<usize>) -> Result<bool> {
        let kept = self.recorded().kept(path, integrations)?;
        if kept.all() {
            return Ok(false);
        }
        let error = Error::Format {
            path: path.to_path_buf(),
            problem: "the recording has other samples than its peaks were found in; run the same \
                      command with -m fgmf (or fdpt) first"
                .to_owned(),
        };
        self.inputs.pass_over(path, error)?;
        Ok(true)
    }
}

impl Sink<Refined> for Extended {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        let mut done = IndexSet::new();
        if within.is_empty() {
            return Ok(done);
        }
        for file in self.window.file_of(within.start)..=self.window.file_of(within.end - 1) {
            for run in self.begin(file)?.runs() {
                done.insert(run);
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
