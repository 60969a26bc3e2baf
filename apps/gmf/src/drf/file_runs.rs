//! Which data files a channel has, in few words.

use jobwise_core::{Result as Received, Wire};

/// The data files of a channel by their stamps (ms since 1970): runs without a gap, ascending and
/// apart. As long as the channel has gaps, however many files it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileRuns {
    /// Milliseconds from one stamp to the next of a run.
    cadence: u64,
    /// First and last stamp of each run.
    runs: Vec<(i64, i64)>,
}

impl FileRuns {
    /// No file, of a channel with files of so many milliseconds.
    pub(super) fn new(cadence: u64) -> FileRuns {
        let runs = Vec::new();
        FileRuns { cadence, runs }
    }

    /// Adds a file that comes after all others.
    pub(super) fn push(&mut self, stamp: i64) {
        let step = self.cadence as i64;
        match self.runs.last_mut() {
            Some((_, last)) if last.checked_add(step) == Some(stamp) => *last = stamp,
            _ => self.runs.push((stamp, stamp)),
        }
    }

    /// Whether there is a file of this stamp.
    pub(super) fn contains(&self, stamp: i64) -> bool {
        self.between(stamp, stamp).next().is_some()
    }

    /// The files from one stamp to another, both included.
    pub(super) fn between(&self, first: i64, last: i64) -> impl Iterator<Item = i64> {
        let step = self.cadence as usize;
        let from = self.runs.partition_point(|&(_, end)| end < first);
        let runs = self.runs[from..].iter();
        runs.take_while(move |&&(start, _)| start <= last)
            .flat_map(move |&(start, end)| (start..=end.min(last)).step_by(step))
            .skip_while(move |&stamp| stamp < first)
    }
}

impl Wire for FileRuns {
    fn put(&self, out: &mut Vec<u8>) {
        self.cadence.put(out);
        self.runs.put(out);
    }

    fn take(input: &mut &[u8]) -> Received<Self> {
        let (cadence, runs) = Wire::take(input)?;
        Ok(FileRuns { cadence, runs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_again_and_nothing_else() {
        let stamps = [100, 150, 200, 300, 500, 550];
        let mut files = FileRuns::new(50);
        for stamp in stamps {
            files.push(stamp);
        }
        assert_eq!(files.runs, [(100, 200), (300, 300), (500, 550)]);
        let files = FileRuns::from_bytes(&files.to_bytes()).unwrap();
        for first in (0..700).step_by(50) {
            for last in (first..700).step_by(50) {
                let found: Vec<i64> = files.between(first, last).collect();
                let there = stamps.iter().filter(|&&s| (first..=last).contains(&s));
                assert!(there.eq(&found), "{first} to {last}: {found:?}");
            }
            assert_eq!(files.contains(first), stamps.contains(&first), "{first}");
        }
        assert!(!FileRuns::new(50).contains(0));
    }
}
