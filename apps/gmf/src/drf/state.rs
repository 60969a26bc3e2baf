//! The state of a channel's files, as cheap to see as it is to list them.

use std::fs;
use std::ops::Range;
use std::os::unix::fs::MetadataExt;

use super::Channel;
use crate::Result;
use crate::digest::fold;

impl Channel {
    /// A digest of the lengths and the times of modification of the files that hold the samples of
    /// `window`, files that are not there included. The same wherever the channel lies.
    ///
    /// # Errors
    /// The samples lie beyond the calendar.
    pub(crate) fn state(&self, window: Range<u64>) -> Result<u64> {
        let properties = self.properties();
        let (rate, cadence) = (properties.rate, properties.cadence);
        let mut digest = 0;
        let mut at = window.start;
        while at < window.end {
            let Some(stamp) = cadence.file_of(rate, at) else {
                break;
            };
            let found = fs::metadata(self.directory().join(cadence.path(stamp)?));
            let state = found.map_or([0; 3], |file| {
                [file.len(), file.mtime() as u64, file.mtime_nsec() as u64]
            });
            digest = state.into_iter().fold(fold(digest, stamp as u64), fold);
            match cadence.samples(rate, stamp) {
                Some(interval) if interval.end > at => at = interval.end,
                _ => break,
            }
        }
        Ok(digest)
    }
}
