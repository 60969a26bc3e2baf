use std::collections::BTreeMap;
use std::ops::Range;

/// How many items of each block in flight are not yet written or given up.
pub(super) struct Ledger {
    width: usize,
    left: BTreeMap<usize, usize>,
}

impl Ledger {
    /// Of blocks of so many items.
    pub(super) fn new(width: usize) -> Ledger {
        Ledger {
            width,
            left: BTreeMap::new(),
        }
    }

    /// A block was dealt, of which these items are to be done.
    pub(super) fn dealt(&mut self, block: usize, to_do: &[Range<usize>]) {
        let items = to_do.iter().map(Range::len).sum();
        self.left.insert(block, items);
    }

    /// An item was written or given up. Returns whether it was the last of its block.
    pub(super) fn settled(&mut self, item: usize) -> bool {
        let Some(left) = self.left.get_mut(&(item / self.width)) else {
            return false;
        };
        *left = left.saturating_sub(1);
        *left == 0
    }

    /// The blocks of which nothing is left. They are forgotten.
    pub(super) fn close(&mut self) -> Vec<usize> {
        let whole = |(&block, &left): (&usize, &usize)| (left == 0).then_some(block);
        let blocks: Vec<usize> = self.left.iter().filter_map(whole).collect();
        self.left.retain(|_, left| *left > 0);
        blocks
    }
}
