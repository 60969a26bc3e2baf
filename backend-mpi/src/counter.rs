//! Shared counters: words of the group, used in turn.

use std::cell::Cell;

use jobwise_core::{Counter, Result, SharedAtomics};

/// A word for each of the next counters. Making one is no exchange of messages.
pub(crate) struct Counters {
    words: Box<dyn SharedAtomics>,
    made: Cell<usize>,
}

impl Counters {
    /// All ranks finish with one counter before they make the next but one (a run ends with an
    /// agreement), so half a turn ahead nobody uses a word any more.
    pub(crate) const WORDS: usize = 64;

    pub(crate) fn new(words: Box<dyn SharedAtomics>) -> Counters {
        Counters {
            words,
            made: Cell::new(0),
        }
    }

    /// The next counter, at 0. All ranks make the same counters in the same order; one of them
    /// `clears` the words.
    pub(crate) fn next(&self, clears: bool) -> Result<Shared<'_>> {
        let made = self.made.get();
        self.made.set(made + 1);
        if clears {
            let later = (made + Self::WORDS / 2) % Self::WORDS;
            let value = self.words.load(later)?;
            self.words.add(later, value.wrapping_neg())?;
        }
        Ok(Shared {
            words: &*self.words,
            word: made % Self::WORDS,
        })
    }
}

/// One counter.
pub(crate) struct Shared<'c> {
    words: &'c dyn SharedAtomics,
    word: usize,
}

impl Counter for Shared<'_> {
    fn fetch_add(&self, n: u64) -> Result<u64> {
        self.words.add(self.word, n)
    }
}
