use std::ops::Range;

use crate::{Result, Wire};

/// A set of indices, kept as sorted runs: small when what is done lies together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexSet {
    /// Disjoint, ascending, not touching, none empty.
    runs: Vec<Range<usize>>,
}

impl IndexSet {
    /// The empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether `index` is in it.
    pub fn contains(&self, index: usize) -> bool {
        let after = self.runs.partition_point(|run| run.start <= index);
        after > 0 && index < self.runs[after - 1].end
    }

    /// Adds all of `run`.
    pub fn insert(&mut self, run: Range<usize>) {
        if run.is_empty() {
            return;
        }
        // The runs that overlap or touch the new one melt into it.
        let first = self.runs.partition_point(|r| r.end < run.start);
        let last = self.runs.partition_point(|r| r.start <= run.end);
        let start = self
            .runs
            .get(first)
            .map_or(run.start, |r| r.start)
            .min(run.start);
        let end = if last > first {
            self.runs[last - 1].end.max(run.end)
        } else {
            run.end
        };
        self.runs.splice(first..last, std::iter::once(start..end));
    }

    /// How many indices.
    pub fn len(&self) -> usize {
        self.runs.iter().map(Range::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The part of the set within a range.
    #[must_use]
    pub fn within(&self, range: Range<usize>) -> IndexSet {
        let first = self.runs.partition_point(|run| run.end <= range.start);
        let clipped = self.runs[first..]
            .iter()
            .take_while(|run| run.start < range.end)
            .map(|run| run.start.max(range.start)..run.end.min(range.end));
        IndexSet {
            runs: clipped.collect(),
        }
    }

    /// The set as ascending runs, none of which touch.
    pub fn runs(&self) -> impl Iterator<Item = Range<usize>> {
        self.runs.iter().cloned()
    }

    /// The parts of `range` that are not in the set, in order.
    pub fn missing(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut gaps = Vec::new();
        let mut at = range.start;
        for run in self.within(range.clone()).runs {
            if at < run.start {
                gaps.push(at..run.start);
            }
            at = run.end;
        }
        if at < range.end {
            gaps.push(at..range.end);
        }
        gaps
    }
}

impl FromIterator<usize> for IndexSet {
    fn from_iter<I: IntoIterator<Item = usize>>(indices: I) -> Self {
        let mut set = IndexSet::new();
        for index in indices {
            set.insert(index..index + 1);
        }
        set
    }
}

impl Wire for IndexSet {
    fn put(&self, out: &mut Vec<u8>) {
        self.runs.len().put(out);
        for run in &self.runs {
            (run.start, run.end).put(out);
        }
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        let mut set = IndexSet::new();
        for (start, end) in Vec::<(usize, usize)>::take(input)? {
            set.insert(start..end);
        }
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behaves_like_a_plain_set() {
        // Every pair of runs below 12, against a plain list of flags.
        for code in 0..12usize.pow(4) {
            let [a, b, c, d] = [code % 12, code / 12 % 12, code / 144 % 12, code / 1728];
            let mut set = IndexSet::new();
            set.insert(a..b);
            set.insert(c..d);
            let flag = |i: usize| (a..b).contains(&i) || (c..d).contains(&i);
            let expected: Vec<usize> = (0..12).filter(|&i| flag(i)).collect();
            assert_eq!(
                (0..12).filter(|&i| set.contains(i)).collect::<Vec<_>>(),
                expected
            );
            assert_eq!(set.len(), expected.len());
            let within: Vec<usize> = set.within(2..9).runs().flatten().collect();
            assert_eq!(within, (2..9).filter(|&i| flag(i)).collect::<Vec<_>>());
            let missing: Vec<usize> = set.missing(2..9).into_iter().flatten().collect();
            assert_eq!(missing, (2..9).filter(|&i| !flag(i)).collect::<Vec<_>>());
            assert_eq!(set, expected.into_iter().collect());
            assert_eq!(IndexSet::from_bytes(&set.to_bytes()).unwrap(), set);
        }
    }
}
