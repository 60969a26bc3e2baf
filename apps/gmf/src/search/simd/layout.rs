//! How the elements of an echo lie in memory.

use std::ops::Range;

/// Elements `(pulse, sample)` of an echo, pulse after pulse, in a pulse sample after sample. After
/// the pulses follow rows of zeros, where the transform across pulses spans more than there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Pulses that there are.
    pub(super) pulses: usize,
    /// Rows: as many as the transform across pulses spans.
    pub(super) rows: usize,
    /// Samples of a pulse.
    pub(super) terms: usize,
}

impl Layout {
    /// Elements of all rows.
    pub(super) fn len(self) -> usize {
        self.rows * self.terms
    }

    /// Elements that are not zero.
    pub(super) fn used(self) -> usize {
        self.pulses * self.terms
    }

    /// Where the samples of one pulse lie.
    pub(super) fn row(self, pulse: usize) -> Range<usize> {
        pulse * self.terms..(pulse + 1) * self.terms
    }
}
