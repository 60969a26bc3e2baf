//! Which integrations of a finished file are still those of its recording.

use std::ops::Range;
use std::path::Path;

use super::files::Files;
use super::kernel::Row;
use super::source::{Source, Windows};
use super::window::Window;
use crate::Result;
use crate::digest::{fold, samples};
use crate::parameters::Parameters;
use crate::product::{Devices, Origin, missing_samples};

/// A digest of the samples of an integration, as they were read: equal for any way of reading them.
pub(super) fn digest(windows: &Windows) -> u64 {
    samples(samples(0, &windows.tx), &windows.rx)
}

/// The recording that finished files are compared with.
pub(super) struct Recorded<'a> {
    pub(super) source: &'a Source,
    pub(super) window: &'a Window,
    pub(super) parameters: &'a Parameters,
}

/// Which integrations of a file stay, from its first on.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) rows: Vec<bool>,
    /// The state of the recording's files for each of them, before they were compared; empty where
    /// nothing was noted.
    pub(super) states: Vec<u64>,
}

impl Kept {
    pub(super) fn all(&self) -> bool {
        !self.rows.contains(&false)
    }
}

impl Recorded<'_> {
    /// Which of `integrations` of a file stay, of which it may have more: those but for which
    /// samples that are there now differ from, or add to, what they were computed from. Samples
    /// that are gone, as in a ring buffer, or cannot be read any more cannot be compared: the
    /// results outlive them, also where missing samples are errors. Where nothing was noted, all
    /// stay. Only if files of the recording have another length or time than they had, samples are
    /// read.
    ///
    /// # Errors
    /// The recording cannot be read.
    pub(super) fn kept(&self, path: &Path, integrations: Range<usize>) -> Result<Kept> {
        let Some(origin) = Origin::of(path) else {
            return Ok(Kept {
                rows: vec![true; integrations.len()],
                states: Vec::new(),
            });
        };
        let (first, wanted) = (integrations.start, integrations.len());
        let mut states = self.states(integrations)?;
        let mut lacked = Vec::new();
        let is_unchanged = |states: &[u64]| together(states) == origin.files;
        if !is_unchanged(&states) {
            lacked = missing_samples(path)?;
            if lacked.len() > wanted {
                states.extend(self.states(first + wanted..first + lacked.len())?);
            }
        }
        let mut kept = Kept {
            rows: vec![true; states.len()],
            states,
        };
        if !is_unchanged(&kept.states) {
            self.compare(path, first, &lacked, origin, &mut kept)?;
        }
        kept.rows.truncate(wanted);
        kept.states.truncate(wanted);
        Ok(kept)
    }

    /// Compares the samples of a file's integrations, from `first` on, with what was noted.
    fn compare(
        &self,
        path: &Path,
        first: usize,
        lacked: &[u64],
        origin: Origin,
        kept: &mut Kept,
    ) -> Result<()> {
        let mut gone = 0;
        let mut now = Vec::new();
        for integration in first..first + kept.rows.len() {
            let start = self.window.sample(integration);
            let windows = self.source.look(start, self.parameters)?;
            let missing = windows.counts.missing;
            gone += missing;
            now.push((digest(&windows), missing));
        }
        let digests: Vec<u64> = now.iter().map(|&(digest, _)| digest).collect();
        let is_same = together(&digests) == origin.samples;
        for (row, &(digest, missing)) in now.iter().enumerate() {
            let has_more = lacked.get(row).is_some_and(|&lacked| missing < lacked);
            kept.rows[row] = match origin.rows.get(row) {
                _ if is_same => true,
                Some(&noted) if noted == digest => true,
                Some(_) => missing > 0 && !has_more,
                None => gone > 0 && !has_more,
            };
        }
        if gone == 0 && kept.all() {
            // Copied or touched only: the next run need not read it again.
            let files = together(&kept.states);
            Origin { files, ..origin }.note(path);
        }
        Ok(())
    }

    /// The state of the recording's files for each integration.
    fn states(&self, integrations: Range<usize>) -> Result<Vec<u64>> {
        let state = |integration| {
            let start = self.window.sample(integration);
            self.source.state(start, self.parameters)
        };
        integrations.map(state).collect()
    }
}

fn together(digests: &[u64]) -> u64 {
    digests.iter().copied().fold(0, fold)
}

impl Files {
    pub(super) fn recorded(&self) -> Recorded<'_> {
        Recorded {
            source: &self.source,
            window: &self.window,
            parameters: self.run.parameters(),
        }
    }

    /// What a file of these rows is computed from. The first `begun` of them were read back, and
    /// have one digest together. `None` where that is not known of all of them.
    pub(super) fn origin(rows: &[Row], begun: Option<&(usize, u64)>) -> Option<Origin> {
        let states: Option<Vec<u64>> = rows.iter().map(|row| row.state).collect();
        let digests: Option<Vec<u64>> = rows.iter().map(|row| row.samples).collect();
        let samples = match (&digests, begun) {
            (Some(digests), _) => together(digests),
            (None, Some(&(count, digest))) => rows[count..]
                .iter()
                .try_fold(digest, |all, row| Some(fold(all, row.samples?)))?,
            (None, None) => return None,
        };
        Some(Origin {
            samples,
            files: together(&states?),
            rows: digests.unwrap_or_default(),
            devices: rows
                .iter()
                .fold(Devices::UNKNOWN, |all, row| all | row.devices),
        })
    }
}
