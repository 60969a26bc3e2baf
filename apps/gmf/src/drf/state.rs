//! The state of a channel's files, as cheap to see as it is to list them.

use std::fs;
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::Channel;
use crate::Result;
use crate::digest::fold;

/// The length and the time of modification of a file; zeros where there is none.
pub(super) type FileState = [u64; 3];

/// The state of the file at `path`, as it is now.
pub(super) fn of_file(path: &Path) -> FileState {
    fs::metadata(path).map_or([0; 3], |file| {
        [file.len(), file.mtime() as u64, file.mtime_nsec() as u64]
    })
}

impl Channel {
    /// A digest of the lengths and the times of modification of the files that hold the samples of
    /// `window`, files that are not there included. The same wherever the channel lies.
    ///
    /// It is that of the files which a reading that begins afterwards would use, or an older one: a
    /// file that was not listed counts as absent, and one that is open as it was before it was
    /// opened.
    ///
    /// # Errors
    /// The samples lie beyond the calendar, or a directory cannot be listed.
    pub(crate) fn state(&self, window: Range<u64>) -> Result<u64> {
        let properties = self.properties();
        let (rate, cadence) = (properties.rate, properties.cadence);
        let mut digest = 0;
        let mut at = window.start;
        while at < window.end {
            let Some(stamp) = cadence.file_of(rate, at) else {
                break;
            };
            let state = self.state_of(stamp)?;
            digest = state.into_iter().fold(fold(digest, stamp as u64), fold);
            match cadence.samples(rate, stamp) {
                Some(interval) if interval.end > at => at = interval.end,
                _ => break,
            }
        }
        Ok(digest)
    }
}
