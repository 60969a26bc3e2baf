//! How the terms of bands lie in memory.

use std::ops::Range;

/// Where bands have their terms: each in a row of its own, with the middle term first, those before
/// it at the end, and zeros between.
#[derive(Clone, Copy, Debug)]
pub(super) struct BandRows {
    /// From one row to the next: at least the number of terms.
    pub(super) length: usize,
    pub(super) terms: usize,
}

impl BandRows {
    /// The term that counts as the middle one.
    fn middle(self) -> usize {
        middle(self.terms)
    }

    /// Runs of terms, and where each begins in a row.
    pub(super) fn runs(self) -> [(Range<usize>, usize); 2] {
        let middle = self.middle();
        [(0..middle, self.length - middle), (middle..self.terms, 0)]
    }

    /// Where the zeros of a row are.
    pub(super) fn gap(self) -> Range<usize> {
        self.terms - self.middle()..self.length - self.middle()
    }
}

/// The term that counts as the middle one.
pub(super) fn middle(terms: usize) -> usize {
    (terms - 1) / 2
}
