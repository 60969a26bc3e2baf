//! What a window leaves out.

use std::ops::Range;

use super::Window;

/// What a window leaves out between two stretches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::analyze) struct Gap {
    pub(in crate::analyze) samples: Range<u64>,
    /// Integrations that lie in it whole.
    pub(in crate::analyze) integrations: u64,
    /// Files of the grid that are left out.
    pub(in crate::analyze) files: u64,
}

impl Window {
    /// What lies between stretches, of those that the window touches.
    pub(in crate::analyze) fn gaps(&self, stretches: &[Range<u64>]) -> Vec<Gap> {
        let (Some(first), Some(last)) = (self.ranges.first(), self.ranges.last()) else {
            return Vec::new();
        };
        let begin = self.base + first.files.start * self.per_file as u64 * self.step;
        let end = last.files.end.saturating_mul(self.per_file as u64);
        let end = self.base.saturating_add(end.saturating_mul(self.step));
        let between = stretches.windows(2).map(|pair| pair[0].end..pair[1].start);
        let inside = between.filter(|gap| gap.start >= begin && gap.start < end && gap.end < end);
        inside
            .map(|samples| {
                let from = samples.start.saturating_sub(self.base).div_ceil(self.step);
                let to = samples.end.saturating_sub(self.base) / self.step;
                let per_file = self.per_file as u64;
                Gap {
                    integrations: to.saturating_sub(from),
                    files: (to / per_file).saturating_sub(from.div_ceil(per_file)),
                    samples,
                }
            })
            .collect()
    }

    /// The first samples of the files that are left out in a gap.
    pub(in crate::analyze) fn left_out(&self, gap: &Gap) -> impl Iterator<Item = u64> {
        let length = self.file_samples();
        let first = gap.samples.start.saturating_sub(self.base).div_ceil(length);
        let base = self.base;
        (first..first + gap.files).map(move |file| base + file * length)
    }
}
