//! Integrations become files.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jobwise_core::{Cause, IndexSet, Sink};
use jobwise_kit::Inputs;

use super::current::Kept;
use super::kernel::Row;
use super::leftovers::Leftovers;
use super::plan::Request;
use super::pointing::Pointing;
use super::source::{Counts, Source, Windows};
use super::window::Window;
use crate::clock::Rate;
use crate::product::{
    Devices, Earlier, Origin, Product, RunInfo, Validity, file_path, read_rows, validate,
};
use crate::{Error, Result};

/// The sink of an analysis: holds the integrations of a file until all are there, then writes it.
///
/// A rank holds the rows of the files in flight only: at most two per lane, `range gates * 16`
/// bytes an integration.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) root: PathBuf,
    pub(super) run: RunInfo,
    pub(super) window: Window,
    pub(super) rate: Rate,
    pub(super) pointing: Option<Pointing>,
    /// Files of earlier runs are replaced.
    pub(super) clobber: bool,
    /// Files of earlier runs that cannot be read.
    inputs: Arc<Inputs>,
    /// By file: the integrations that are there, by index.
    rows: BTreeMap<usize, BTreeMap<usize, Row>>,
    /// By file: how many of its integrations were read back, and the digest of their samples.
    begun: BTreeMap<usize, (usize, u64)>,
    /// By file: what goes with the rows that were read back.
    earlier: BTreeMap<usize, Earlier>,
    pub(super) leftovers: Leftovers,
    /// The recording that finished files are compared with.
    pub(super) source: Arc<Source>,
    /// Files that were told to be damaged or of other samples.
    told: BTreeSet<usize>,
    pub(super) written: Vec<PathBuf>,
    pub(super) counts: Counts,
}

impl Files {
    pub(super) fn new(
        request: &Request,
        run: RunInfo,
        window: Window,
        rate: Rate,
        pointing: Option<Pointing>,
        source: Arc<Source>,
    ) -> Files {
        Files {
            root: request.output.clone(),
            run,
            window,
            rate,
            pointing,
            clobber: request.clobber,
            inputs: Arc::clone(&request.inputs),
            rows: BTreeMap::new(),
            begun: BTreeMap::new(),
            earlier: BTreeMap::new(),
            leftovers: Leftovers::new(request.sharing),
            source,
            told: BTreeSet::new(),
            written: Vec::new(),
            counts: Counts::default(),
        }
    }

    fn path(&self, file: usize) -> Result<PathBuf> {
        let first = self.window.integrations_of(file).start;
        let start = self.window.sample(first);
        file_path(&self.root, start, self.rate, self.run.format())
    }

    /// Whether an earlier run wrote a file.
    pub(super) fn is_there(&self, file: usize) -> Result<bool> {
        Ok(self.path(file)?.exists())
    }

    /// Which of a file's integrations an earlier run wrote as this run would. Where that is not all
    /// of them, their rows are read back, to be written again with the others.
    fn resume(&mut self, file: usize) -> Result<IndexSet> {
        let path = self.path(file)?;
        let unfit = |problem: String| {
            Err(Error::Format {
                path: path.clone(),
                problem: format!(
                    "{problem}; give another output directory, or --clobber to replace it"
                ),
            })
        };
        let integrations = self.window.integrations_of(file);
        match validate(&path, &self.run, integrations.len()) {
            _ if self.clobber => Ok(IndexSet::new()),
            Validity::Absent => Ok(IndexSet::new()),
            Validity::Shorter => self.read_back(file, &path, None),
            Validity::Complete => {
                let kept = self.recorded().kept(&path, integrations.clone())?;
                if kept.all() && !self.points_better(&path, &integrations)? {
                    log::debug!("{} is complete", path.display());
                    let mut all = IndexSet::new();
                    all.insert(integrations);
                    return Ok(all);
                }
                self.read_back(file, &path, Some(kept))
            }
            // It stays as it is: what it has beyond the end may be nowhere else.
            Validity::Longer => {
                if !self.recorded().kept(&path, integrations.clone())?.all() {
                    let error = Error::Format {
                        path: path.clone(),
                        problem: format!(
                            "the recording has other samples than it was computed from, but ends \
                             after {} of its integrations: it stays as it is; analyse to its end, \
                             or give --clobber to replace it",
                            integrations.len()
                        ),
                    };
                    self.inputs.pass_over(&path, error)?;
                }
                let mut all = IndexSet::new();
                all.insert(integrations);
                Ok(all)
            }
            Validity::Different { what } => unfit(what),
            Validity::Unreadable { why } => {
                let error = Error::Request(format!(
                    "{why}; its integrations are left out: repair or remove it, and run again"
                ));
                self.inputs.pass_over(&path, error)?;
                let mut all = IndexSet::new();
                all.insert(integrations);
                Ok(all)
            }
            Validity::Damaged { why } => {
                // With leases a file is looked at more than once.
                if self.told.insert(file) {
                    log::warn!("{}: is damaged ({why}); it is done again", path.display());
                }
                Ok(IndexSet::new())
            }
        }
    }

    /// Reads the integrations of a file back that stay, as `kept` tells where it is known already.
    fn read_back(&mut self, file: usize, path: &Path, kept: Option<Kept>) -> Result<IndexSet> {
        // Those of other programs lack some of what is written here, and are done again.
        let Some(rows) = read_rows(path, &self.run)? else {
            return Ok(IndexSet::new());
        };
        log::info!("{} has {} integrations", path.display(), rows.len());
        let integrations = self.window.integrations_of(file);
        let first = integrations.start;
        let Kept { rows: kept, states } = match kept {
            Some(kept) => kept,
            None => self.recorded().kept(path, first..first + rows.len())?,
        };
        let again = kept.iter().filter(|&&kept| !kept).count();
        if again > 0 && self.told.insert(file) {
            let all = rows.len();
            log::warn!(
                "{}: the recording has other samples than it was computed from; {again} of its \
                 {all} integrations are done again",
                path.display()
            );
        }
        let origin = Origin::of(path);
        if let Some(origin) = origin.as_ref().filter(|_| again == 0) {
            self.begun.insert(file, (rows.len(), origin.samples));
        }
        let (digests, devices) = origin.map_or_else(
            || (Vec::new(), Devices::UNKNOWN),
            |origin| (origin.rows, origin.devices),
        );
        let earlier = Earlier::of(path, &kept)?;
        let rows: BTreeMap<usize, Row> = rows
            .into_iter()
            .enumerate()
            .filter(|(position, _)| kept[*position])
            .map(|(position, (integration, missing))| {
                let row = Row {
                    integration,
                    counts: Counts {
                        missing,
                        ..Counts::default()
                    },
                    samples: digests.get(position).copied(),
                    state: states.get(position).copied(),
                    devices,
                };
                (first + position, row)
            })
            .collect();
        self.earlier.insert(file, earlier);
        let done = rows.keys().copied().collect();
        let is_whole = rows.len() == integrations.len();
        self.rows.insert(file, rows);
        if is_whole {
            // Only what goes with the rows is new.
            self.write_full(file)?;
        }
        Ok(done)
    }

    /// Whether the pointing of integrations that had none is known now.
    fn points_better(&self, path: &Path, integrations: &Range<usize>) -> Result<bool> {
        let Some(pointing) = &self.pointing else {
            return Ok(false);
        };
        let earlier = Earlier::of(path, &vec![true; integrations.len()])?;
        for (row, integration) in integrations.clone().enumerate() {
            // A file of another program is left as it is.
            let Some(noted) = earlier.pointing.get(row) else {
                return Ok(false);
            };
            if noted.iter().all(|angle| angle.is_nan()) {
                let now = pointing.direction(self.window.sample(integration))?;
                if !now.iter().all(|angle| angle.is_nan()) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Writes a file, unless none of its integrations has a sample: what comes later is then still
    /// to be done.
    fn write_file(&mut self, file: usize, rows: Vec<Row>) -> Result<()> {
        let samples = Windows::samples(self.run.parameters()) as u64;
        if rows.iter().all(|row| row.counts.missing == samples) {
            log::info!("{} has no samples", self.path(file)?.display());
            return Ok(());
        }
        let first = self.window.integrations_of(file).start;
        let integrations = first..first + rows.len();
        let start = self.window.sample(first);
        let at = |integration| self.window.sample(integration);
        let earlier = self.earlier.get(&file);
        let mut pointing = match &self.pointing {
            None => None,
            Some(pointing) => Some(
                integrations
                    .map(|i| pointing.direction(at(i)))
                    .collect::<Result<Vec<_>>>()?,
            ),
        };
        let refined = earlier.and_then(|earlier| {
            earlier.keep_pointing(&mut pointing, rows.len());
            earlier.refined(rows.len())
        });
        let path = self.path(file)?;
        let origin = Files::origin(&rows, self.begun.get(&file));
        let product = Product {
            start,
            rate: self.rate,
            missing_samples: rows.iter().map(|row| row.counts.missing as i64).collect(),
            integrations: rows.into_iter().map(|row| row.integration).collect(),
            pointing,
        };
        product.write_with(&path, &self.run, refined.as_ref(), origin.as_ref())?;
        log::info!("wrote {}", path.display());
        if self.written.last() != Some(&path) {
            self.written.push(path);
        }
        Ok(())
    }

    /// Writes a file whose integrations are all there, and forgets them.
    fn write_full(&mut self, file: usize) -> Result<()> {
        let rows = self.rows.remove(&file).unwrap_or_default();
        self.write_file(file, rows.into_values().collect())?;
        self.begun.remove(&file);
        self.earlier.remove(&file);
        Ok(())
    }

    /// Writes what is there of a file if that is its first integrations: a file with more stays as
    /// it is until all are there.
    pub(super) fn write_begun(&mut self, file: usize) -> Result<()> {
        let first = self.window.integrations_of(file).start;
        match self.rows.get(&file) {
            Some(rows) if rows.keys().copied().eq(first..first + rows.len()) => {
                let rows = rows.values().cloned().collect();
                self.write_file(file, rows)
            }
            _ => Ok(()),
        }
    }

    /// Removes what a killed run left where a file will lie, and tells which of its integrations
    /// are done.
    pub(super) fn begin(&mut self, file: usize) -> Result<IndexSet> {
        self.leftovers.remove_beside(&self.path(file)?)?;
        self.resume(file)
    }
}

impl Sink<Row> for Files {
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

    fn write(&mut self, index: usize, row: Row) -> Result<(), Cause> {
        let file = self.window.file_of(index);
        self.counts += row.counts;
        let rows = self.rows.entry(file).or_default();
        rows.insert(index, row);
        // The file itself is what marks its integrations as done: written whole, durable, then
        // named.
        if rows.len() == self.window.integrations_of(file).len() {
            self.write_full(file)?;
        }
        Ok(())
    }
}
