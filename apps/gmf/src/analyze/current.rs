//! Whether a finished file is still that of its recording.

use std::ops::Range;
use std::path::Path;

use super::files::Files;
use super::source::{Source, Windows};
use crate::Result;
use crate::digest::{fold, samples};
use crate::product::Origin;

/// A digest of the samples of an integration, as they were read: equal for any way of reading them.
pub(super) fn digest(windows: &Windows) -> u64 {
    samples(samples(0, &windows.tx), &windows.rx)
}

impl Files {
    /// Whether the recording holds the samples that the file of these integrations was computed from. Where nothing was noted or samples are missing now, it is taken to. Only if
    /// files of the recording have another length or time than they had, samples are read.
    ///
    /// # Errors
    /// The recording cannot be read.
    pub(super) fn is_current(&self, path: &Path, integrations: Range<usize>) -> Result<bool> {
        let (Some(origin), Some(source)) = (Origin::of(path), self.source.as_deref()) else {
            return Ok(true);
        };
        let files = self.state_of_files(source, integrations.clone())?;
        if files == origin.files {
            return Ok(true);
        }
        let mut samples = 0;
        for integration in integrations {
            let start = self.window.sample(integration);
            let windows = source.read(start, self.run.parameters())?;
            // What is gone, as in a ring buffer, cannot be compared: the results outlive it.
            if windows.counts.missing > 0 {
                return Ok(true);
            }
            samples = fold(samples, digest(&windows));
        }
        let is_same = samples == origin.samples;
        if is_same {
            // Copied or touched only: the next run need not read it again.
            Origin { samples, files }.note(path);
        }
        Ok(is_same)
    }

    /// Notes at a file what it was computed from: `samples` holds a digest for each of its integrations, from `first` on. The first `begun` of them were
    /// read back, and have one digest together.
    pub(super) fn note_origin(
        &self,
        path: &Path,
        first: usize,
        begun: Option<&(usize, u64)>,
        samples: &[Option<u64>],
    ) -> Result<()> {
        let (read_back, digest) = begun.copied().unwrap_or_default();
        let rest = samples.iter().skip(read_back).copied();
        let all = rest.collect::<Option<Vec<u64>>>();
        if let (Some(all), Some(source)) = (all, self.source.as_deref()) {
            let origin = Origin {
                samples: all.into_iter().fold(digest, fold),
                files: self.state_of_files(source, first..first + samples.len())?,
            };
            origin.note(path);
        }
        Ok(())
    }

    fn state_of_files(&self, source: &Source, integrations: Range<usize>) -> Result<u64> {
        let parameters = self.run.parameters();
        let last = self.window.sample(integrations.end.saturating_sub(1));
        let window = self.window.sample(integrations.start)..last + parameters.read_length as u64;
        let (rx, tx) = (&source.rx, &source.tx);
        Ok(fold(rx.state(window.clone())?, tx.state(window)?))
    }
}
