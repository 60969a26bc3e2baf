//! Which files of the grid a window has.

use std::ops::Range;

use super::Window;

/// Files of the grid that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileRange {
    /// On the grid.
    pub(super) files: Range<u64>,
    /// The number of the first.
    pub(super) number: usize,
}

impl FileRange {
    fn len(&self) -> usize {
        (self.files.end - self.files.start) as usize
    }
}

impl Window {
    /// Adds the files of the grid that hold integrations, before number `end`, with samples of a
    /// stretch.
    pub(super) fn cover(&mut self, stretch: &Range<u64>, end: u64) {
        let first = stretch.start.saturating_sub(self.base) / self.step;
        let last = stretch
            .end
            .saturating_sub(self.base)
            .div_ceil(self.step)
            .min(end);
        if first >= last {
            return;
        }
        let per_file = self.per_file as u64;
        let files = first / per_file..(last - 1) / per_file + 1;
        match self.ranges.last_mut() {
            Some(range) if range.files.end >= files.start => {
                range.files.end = range.files.end.max(files.end);
            }
            before => {
                let number = before.map_or(0, |range| range.number + range.len());
                self.ranges.push(FileRange { files, number });
            }
        }
    }

    /// Counts the integrations: every file is full, but that in which the grid ends.
    pub(super) fn count(&mut self, end: u64) {
        self.integrations = self.ranges.last().map_or(0, |range| {
            let full = (range.number + range.len() - 1).saturating_mul(self.per_file);
            let last = end - (range.files.end - 1) * self.per_file as u64;
            full.saturating_add(last.min(self.per_file as u64) as usize)
        });
    }
}
