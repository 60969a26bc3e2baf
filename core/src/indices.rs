use std::ops::Range;

/// The items of one hand-out: some ranges, none of which overlap. One range costs no allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indices {
    first: Range<usize>,
    rest: Vec<Range<usize>>,
}

impl Indices {
    /// No item.
    pub fn new() -> Indices {
        Indices {
            first: 0..0,
            rest: Vec::new(),
        }
    }

    /// Adds `range`, whose items are new; it becomes one with the last one where it follows on it.
    #[inline]
    pub fn push(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let last = self.rest.last_mut().unwrap_or(&mut self.first);
        if Range::is_empty(last) {
            *last = range;
        } else if last.end == range.start {
            last.end = range.end;
        } else {
            self.rest.push(range);
        }
    }

    /// How many items.
    #[inline]
    pub fn len(&self) -> usize {
        self.first.len() + self.rest.iter().map(Range::len).sum::<usize>()
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// The ranges, in order.
    #[inline]
    pub fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        std::iter::once(&self.first)
            .chain(&self.rest)
            .filter(|range| !range.is_empty())
            .cloned()
    }

    /// All items, in order.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.ranges().flatten()
    }
}

impl Default for Indices {
    fn default() -> Indices {
        Indices::new()
    }
}

impl From<Range<usize>> for Indices {
    fn from(range: Range<usize>) -> Indices {
        let mut indices = Indices::new();
        indices.push(range);
        indices
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_become_one_range() {
        let mut indices = Indices::from(3..3);
        assert!(indices.is_empty());
        for range in [2..4, 4..5, 5..5, 9..11] {
            indices.push(range);
        }
        assert_eq!(indices.ranges().collect::<Vec<_>>(), [2..5, 9..11]);
        assert_eq!(indices.iter().collect::<Vec<_>>(), [2, 3, 4, 9, 10]);
        assert_eq!(indices.len(), 5);
    }
}
