//! The growing end of a channel.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::front::Front;
use super::watched::Watched;
use super::{Channel, listing};
use crate::Result;
use crate::clock::directory_stamp;

/// Directories are listed at most once in this time.
const LISTING: Duration = Duration::from_millis(250);

/// Absent files of a hole whose names are asked for one by one; more are left to the listing.
const PROBED: usize = 64;

/// What has arrived at the end of a channel that is being written.
///
/// A file has arrived when it has its final name. The cost of a look does not depend on the length
/// of the recording: names follow from stamps, and only when the next name does not come, or there
/// is a hole, directories are listed, from that of the first awaited file on.
#[derive(Debug)]
pub struct Tail {
    front: Front,
    /// One after the last recorded sample.
    end: u64,
    looked: Instant,
    listed: Option<Instant>,
    root: Watched,
    subdirectories: BTreeMap<i64, Watched>,
}

impl Tail {
    /// The tail of a channel whose holes are waited for during `settle`; `None` if it has no file
    /// yet.
    ///
    /// Files in the newest directory are taken as just arrived; holes before it are not waited for.
    ///
    /// # Errors
    /// A directory cannot be listed or a file cannot be read.
    pub fn new(channel: &Channel, settle: Duration) -> Result<Option<Tail>> {
        let now = Instant::now();
        let cadence = channel.properties().cadence.file_milliseconds() as i64;
        // Directories before the newest one may have been listed before their last files came.
        channel.forget_listings();
        for subdirectory in listing::subdirectories(channel.directory())?
            .into_iter()
            .rev()
        {
            let files = channel.relisted(subdirectory)?;
            let Some(&first) = files.first() else {
                continue;
            };
            let mut front = Front::before(first, cadence, settle, now);
            for &stamp in files.iter() {
                front.found(stamp, now);
            }
            front.advance(now);
            return Ok(Some(Tail {
                front,
                end: channel.bounds()?.map_or(0, |bounds| bounds.end),
                looked: now,
                listed: None,
                root: Watched::default(),
                subdirectories: BTreeMap::new(),
            }));
        }
        Ok(None)
    }

    /// One after the last recorded sample, as [`Channel::bounds`] has it.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// When the last file arrived.
    pub fn news(&self) -> Instant {
        self.front.news()
    }

    /// Looks for new files of the channel.
    ///
    /// # Errors
    /// A directory cannot be listed, or the newest file cannot be read.
    pub fn look(&mut self, channel: &Channel) -> Result<()> {
        let now = Instant::now();
        let cadence = channel.properties().cadence.file_milliseconds() as i64;
        let before = self.front.newest();
        let mut new = Vec::new();
        while let Some(next) = self.front.newest().checked_add(cadence)
            && self.probe(channel, next, now)?
        {
            new.push(next);
        }
        let hole: Vec<i64> = self.front.hole().take(PROBED).collect();
        for &stamp in &hole {
            self.probe(channel, stamp, now)?;
        }
        if (new.is_empty() || !hole.is_empty()) && self.listed.is_none_or(|at| now >= at + LISTING)
        {
            self.listed = Some(now);
            let listed = self.list(channel, now)?;
            new.extend(listed.into_iter().filter(|&stamp| stamp > before));
        }
        // From the newest back to the first that holds samples: padding may fill a whole file.
        new.sort_unstable();
        for stamp in new.into_iter().rev() {
            if let Some(end) = channel.recorded_end(stamp)? {
                self.end = self.end.max(end);
                break;
            }
        }
        self.front.advance(now);
        self.looked = now;
        Ok(())
    }

    /// When every file up to that of `sample` had arrived; `None` while one is awaited. For files
    /// that were given up: when the first later one had arrived, or now.
    pub fn arrived(&self, channel: &Channel, sample: u64) -> Option<Instant> {
        let properties = channel.properties();
        let stamp = properties.cadence.file_of(properties.rate, sample)?;
        // Up to when it is known what was there: nothing is given up that was not looked for since.
        self.front.arrived(stamp, self.looked)
    }

    /// Forgets when files arrived that hold only samples before `sample`.
    pub fn forget(&mut self, channel: &Channel, sample: u64) {
        let properties = channel.properties();
        if let Some(stamp) = properties.cadence.file_of(properties.rate, sample) {
            self.front.forget(stamp);
        }
    }

    /// Asks for one file by its name.
    fn probe(&mut self, channel: &Channel, stamp: i64, now: Instant) -> Result<bool> {
        let name = channel.properties().cadence.path(stamp)?;
        let path = channel.directory().join(name);
        match fs::metadata(&path) {
            Ok(metadata) => {
                channel.note(stamp)?;
                let when = renamed_at(&metadata, now).max(self.looked).min(now);
                self.front.found(stamp, when);
                Ok(true)
            }
            // What may not be looked at, it or its directory, is named by those who list or read.
            Err(_) => Ok(false),
        }
    }

    /// Lists the directories from that of the first awaited file on, where they may have changed.
    fn list(&mut self, channel: &Channel, now: Instant) -> Result<Vec<i64>> {
        let cadence = channel.properties().cadence;
        let awaited = self.front.position() + cadence.file_milliseconds() as i64;
        let first = cadence.directory_of(awaited);
        self.subdirectories = self.subdirectories.split_off(&first);
        if self.root.is_due(channel.directory(), now) {
            for subdirectory in listing::subdirectories(channel.directory())? {
                if subdirectory >= first {
                    self.subdirectories.entry(subdirectory).or_default();
                }
            }
        }
        let mut found = Vec::new();
        for (&subdirectory, watched) in &mut self.subdirectories {
            let path = channel.directory().join(directory_stamp(subdirectory)?);
            if watched.is_due(&path, now) {
                found.extend(channel.relisted(subdirectory)?.iter().copied());
            }
        }
        for &stamp in &found {
            self.front.found(stamp, now);
        }
        Ok(found)
    }
}

/// When a file got its name: the time of the last change of its inode. Clocks may differ, so the
/// caller knows better bounds.
fn renamed_at(metadata: &Metadata, now: Instant) -> Instant {
    let since_1970 = Duration::new(
        u64::try_from(metadata.ctime()).unwrap_or(0),
        u32::try_from(metadata.ctime_nsec()).unwrap_or(0),
    );
    let age = SystemTime::now()
        .duration_since(UNIX_EPOCH + since_1970)
        .unwrap_or_default();
    now.checked_sub(age).unwrap_or(now)
}
