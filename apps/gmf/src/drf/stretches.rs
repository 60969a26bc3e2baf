//! Where samples may lie, found without reading them.

use std::ops::Range;

use super::channel::Channel;
use super::listing;
use crate::Result;

impl Channel {
    /// The stretches of `within` that may hold samples: ascending, apart, at most as many as the
    /// channel has files and blocks.
    ///
    /// They are known by the names of the files, and only where a file may span more than `coarse`
    /// samples by its index. So the work grows with the files that exist, never with the time
    /// between them.
    ///
    /// # Errors
    /// A directory cannot be listed or a file cannot be read.
    pub fn stretches(&self, within: &Range<u64>, coarse: u64) -> Result<Vec<Range<u64>>> {
        let mut found = Vec::new();
        for subdirectory in listing::subdirectories(self.directory())? {
            for &stamp in self.listed(subdirectory)?.iter() {
                self.stretches_of(stamp, coarse, |stretch| {
                    join(
                        &mut found,
                        stretch.start.max(within.start)..stretch.end.min(within.end),
                    );
                })?;
            }
        }
        Ok(found)
    }

    /// The first sample from `from` on that may exist; `None` if there is none yet.
    ///
    /// # Errors
    /// As [`stretches`](Self::stretches).
    pub(crate) fn next_sample(&self, from: u64, coarse: u64) -> Result<Option<u64>> {
        let properties = self.properties();
        let Some(first) = properties.cadence.file_of(properties.rate, from) else {
            return Ok(None);
        };
        let directory = properties.cadence.directory_of(first);
        let look = |stamps: &[i64]| -> Result<Option<u64>> {
            let mut found = None;
            for &stamp in stamps.iter().filter(|&&stamp| stamp >= first) {
                self.stretches_of(stamp, coarse, |stretch| {
                    if found.is_none() && stretch.end > from {
                        found = Some(stretch.start.max(from));
                    }
                })?;
                if found.is_some() {
                    break;
                }
            }
            Ok(found)
        };
        // The directory at hand is listed already.
        if let Some(sample) = look(&self.listed(directory)?)? {
            return Ok(Some(sample));
        }
        for other in listing::subdirectories(self.directory())? {
            if other > directory
                && let Some(sample) = look(&self.listed(other)?)?
            {
                return Ok(Some(sample));
            }
        }
        Ok(None)
    }

    fn stretches_of(
        &self,
        stamp: i64,
        coarse: u64,
        mut take: impl FnMut(Range<u64>),
    ) -> Result<()> {
        let properties = self.properties();
        let Some(interval) = properties.cadence.samples(properties.rate, stamp) else {
            return Ok(());
        };
        if interval.end - interval.start <= coarse {
            take(interval);
        } else if let Some(file) = self.file(stamp)? {
            file.blocks()
                .for_each(|block| take(block.start..block.end()));
        }
        Ok(())
    }
}

/// Adds a stretch that does not begin before the last one.
fn join(stretches: &mut Vec<Range<u64>>, stretch: Range<u64>) {
    match stretches.last_mut() {
        _ if stretch.is_empty() => {}
        Some(last) if last.end >= stretch.start => last.end = last.end.max(stretch.end),
        _ => stretches.push(stretch),
    }
}
