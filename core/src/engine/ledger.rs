use std::collections::BTreeMap;
use std::ops::Range;

/// How many items of each block in flight are not yet written or given up.
pub(super) struct Ledger {
    width: usize,
    open: BTreeMap<usize, Open>,
}

/// A block in flight.
struct Open {
    left: usize,
    /// Whether no item of it was given up.
    is_whole: bool,
}

/// A block of which nothing is left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closed {
    pub(super) block: usize,
    /// Whether all of it was written.
    pub(super) is_done: bool,
}

impl Ledger {
    /// Of blocks of so many items.
    pub(super) fn new(width: usize) -> Ledger {
        Ledger {
            width,
            open: BTreeMap::new(),
        }
    }

    /// A block was dealt, of which these items are to be done.
    pub(super) fn dealt(&mut self, block: usize, to_do: &[Range<usize>]) {
        let left = to_do.iter().map(Range::len).sum();
        let is_whole = true;
        self.open.insert(block, Open { left, is_whole });
    }

    /// An item was written, or given up. Returns whether it was the last of its block.
    pub(super) fn settled(&mut self, item: usize, is_written: bool) -> bool {
        let Some(open) = self.open.get_mut(&(item / self.width)) else {
            return false;
        };
        open.is_whole &= is_written;
        open.left = open.left.saturating_sub(1);
        open.left == 0
    }

    /// The blocks of which nothing is left. They are forgotten.
    pub(super) fn close(&mut self) -> Vec<Closed> {
        let closed = self.open.extract_if(.., |_, open| open.left == 0);
        let closed = closed.map(|(block, open)| Closed {
            block,
            is_done: open.is_whole,
        });
        closed.collect()
    }
}
