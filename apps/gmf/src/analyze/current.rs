//! Which integrations of a finished file are still those of its recording.

use std::ops::Range;
use std::path::Path;

use super::files::Files;
use super::source::{Source, Windows};
use super::window::Window;
use crate::Result;
use crate::digest::{fold, samples};
use crate::parameters::Parameters;
use crate::product::{Origin, missing_samples};

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

impl Recorded<'_> {
    /// Which integrations of a file stay, from its first on: those but for which samples that are
    /// there now differ from, or add to, what they were computed from. Samples that are gone, as in
    /// a ring buffer, or cannot be read any more cannot be compared: the results outlive them.
    /// Where nothing was noted, all stay. Only if files of the recording have another length or
    /// time than they had, samples are read.
    ///
    /// # Errors
    /// The recording cannot be read.
    pub(super) fn kept(&self, path: &Path, integrations: Range<usize>) -> Result<Vec<bool>> {
        let all = vec![true; integrations.len()];
        let Some(origin) = Origin::of(path) else {
            return Ok(all);
        };
        let files = self.state_of_files(integrations.clone())?;
        if files == origin.files {
            return Ok(all);
        }
        let lacked = missing_samples(path)?;
        let (mut together, mut gone) = (0, 0);
        let mut now = Vec::new();
        for integration in integrations {
            let start = self.window.sample(integration);
            let windows = self.source.read(start, self.parameters)?;
            let (digest, missing) = (digest(&windows), windows.counts.missing);
            together = fold(together, digest);
            gone += missing;
            now.push((digest, missing));
        }
        let is_same = together == origin.samples;
        let kept: Vec<bool> = now
            .iter()
            .enumerate()
            .map(|(row, &(digest, missing))| {
                let has_more = lacked.get(row).is_some_and(|&lacked| missing < lacked);
                match origin.rows.get(row) {
                    _ if is_same => true,
                    Some(&noted) if noted == digest => true,
                    Some(_) => missing > 0 && !has_more,
                    None => gone > 0 && !has_more,
                }
            })
            .collect();
        if gone == 0 && kept == all {
            // Copied or touched only: the next run need not read it again.
            Origin { files, ..origin }.note(path);
        }
        Ok(kept)
    }

    fn state_of_files(&self, integrations: Range<usize>) -> Result<u64> {
        let last = self.window.sample(integrations.end.saturating_sub(1));
        let end = last + self.parameters.read_length as u64;
        let samples = self.window.sample(integrations.start)..end;
        let (rx, tx) = (&self.source.rx, &self.source.tx);
        Ok(fold(rx.state(samples.clone())?, tx.state(samples)?))
    }
}

impl Files {
    pub(super) fn recorded(&self) -> Option<Recorded<'_>> {
        Some(Recorded {
            source: self.source.as_deref()?,
            window: &self.window,
            parameters: self.run.parameters(),
        })
    }

    /// Notes at a file what it was computed from: `samples` holds a digest for each of its
    /// integrations, from `first` on. The first `begun` of them were read back, and have one digest
    /// together.
    pub(super) fn note_origin(
        &self,
        path: &Path,
        first: usize,
        begun: Option<&(usize, u64)>,
        samples: &[Option<u64>],
    ) -> Result<()> {
        let rows: Option<Vec<u64>> = samples.iter().copied().collect();
        let together = match (&rows, begun) {
            (Some(rows), _) => Some(rows.iter().copied().fold(0, fold)),
            (None, Some(&(count, digest))) => samples[count..]
                .iter()
                .try_fold(digest, |all, &row| Some(fold(all, row?))),
            (None, None) => None,
        };
        if let (Some(samples_together), Some(recorded)) = (together, self.recorded()) {
            let origin = Origin {
                samples: samples_together,
                files: recorded.state_of_files(first..first + samples.len())?,
                rows: rows.unwrap_or_default(),
            };
            origin.note(path);
        }
        Ok(())
    }
}
