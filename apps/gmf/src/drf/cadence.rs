use std::ops::Range;
use std::path::PathBuf;

use crate::clock::{Rate, Unit, directory_stamp};
use crate::{Error, Result};

/// How a channel is cut into files and directories. Both begin at whole multiples since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    subdirectory_seconds: i64,
    file_milliseconds: i64,
}

impl Cadence {
    /// A new directory every `subdirectory_seconds`, a new file every `file_milliseconds`.
    ///
    /// # Errors
    /// One is 0, a directory is no whole number of files, or one is longer than some 30 000 years.
    pub fn new(subdirectory_seconds: u64, file_milliseconds: u64) -> Result<Self> {
        let longest = 1 << 40;
        let whole = subdirectory_seconds
            .checked_mul(1_000)
            .and_then(|directory| directory.checked_rem(file_milliseconds));
        if whole != Some(0) || subdirectory_seconds == 0 || subdirectory_seconds > longest {
            return Err(Error::Request(format!(
                "directories of {subdirectory_seconds} s cannot be cut into files of \
                 {file_milliseconds} ms: choose a divisor"
            )));
        }
        Ok(Self {
            subdirectory_seconds: subdirectory_seconds as i64,
            file_milliseconds: file_milliseconds as i64,
        })
    }

    /// Seconds per directory.
    pub fn subdirectory_seconds(self) -> u64 {
        self.subdirectory_seconds as u64
    }

    /// Milliseconds per file.
    pub fn file_milliseconds(self) -> u64 {
        self.file_milliseconds as u64
    }

    /// The stamp (ms since 1970) of the file that holds a sample; `None` beyond the calendar.
    pub(super) fn file_of(self, rate: Rate, index: u64) -> Option<i64> {
        let time = i64::try_from(rate.time_of(index, Unit::Milliseconds)).ok()?;
        Some(time - time.rem_euclid(self.file_milliseconds))
    }

    /// The stamp (s since 1970) of the directory that holds a file.
    pub(super) fn directory_of(self, file: i64) -> i64 {
        let seconds = file.div_euclid(1_000);
        seconds - seconds.rem_euclid(self.subdirectory_seconds)
    }

    /// The samples that a file may hold; `None` for stamps off the grid or beyond 64-bit indices.
    pub(super) fn samples(self, rate: Rate, file: i64) -> Option<Range<u64>> {
        if file.rem_euclid(self.file_milliseconds) != 0 {
            return None;
        }
        let cut = |time| u64::try_from(rate.index_from(time, Unit::Milliseconds)).ok();
        Some(cut(file)?..cut(file.checked_add(self.file_milliseconds)?)?)
    }

    /// Where a file lies, relative to the channel.
    pub(super) fn path(self, file: i64) -> Result<PathBuf> {
        let directory = directory_stamp(self.directory_of(file))?;
        let (seconds, milliseconds) = (file.div_euclid(1_000), file.rem_euclid(1_000));
        Ok(PathBuf::from(directory).join(format!("rf@{seconds}.{milliseconds:03}.h5")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_odd_rates_tile_the_samples() {
        for (numerator, denominator) in [(200, 3), (1_000_000_000, 7), (1, 3)] {
            let rate = Rate::new(numerator, denominator).unwrap();
            let cadence = Cadence::new(10, 400).unwrap();
            let mut expected = None;
            for k in 0..50 {
                let file = 1_394_368_230_000 + k * 400;
                let samples = cadence.samples(rate, file).unwrap();
                assert_eq!(*expected.get_or_insert(samples.start), samples.start);
                for index in [samples.start, samples.end.saturating_sub(1)] {
                    if samples.contains(&index) {
                        assert_eq!(cadence.file_of(rate, index), Some(file));
                    }
                }
                expected = Some(samples.end);
            }
        }
    }

    #[test]
    fn names_follow_the_stamps() {
        let cadence = Cadence::new(3_600, 50).unwrap();
        let path = cadence.path(1_618_229_740_150).unwrap();
        assert_eq!(
            path,
            PathBuf::from("2021-04-12T12-00-00/rf@1618229740.150.h5")
        );
        assert_eq!(
            cadence.samples(Rate::hertz(1_000).unwrap(), 1_618_229_740_149),
            None
        );
    }

    #[test]
    fn impossible_cuts_are_refused() {
        for (directory, file) in [(0, 1), (1, 0), (1, 300), (u64::MAX, 1), (1 << 60, 1_000)] {
            assert!(Cadence::new(directory, file).is_err(), "{directory} {file}");
        }
    }
}
