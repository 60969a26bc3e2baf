use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

/// Changes this close together may leave the same modification time: no file system counts coarser.
const TICK: Duration = Duration::from_secs(2);

/// What tells whether a directory may hold new names: its modification time.
#[derive(Debug, Default)]
pub(super) struct Watched {
    modified: Option<SystemTime>,
    /// When this modification time was seen first.
    since: Option<Instant>,
    listed: Option<Instant>,
}

impl Watched {
    /// Whether the directory must be listed again; taken as done. After the last change it is
    /// listed once more when the clock of the file system has moved on, since a change within the
    /// same tick does not show.
    pub(super) fn is_due(&mut self, directory: &Path, now: Instant) -> bool {
        let modified = fs::metadata(directory)
            .and_then(|metadata| metadata.modified())
            .ok();
        self.is_due_at(modified, now)
    }

    fn is_due_at(&mut self, modified: Option<SystemTime>, now: Instant) -> bool {
        if modified.is_none() || modified != self.modified {
            self.modified = modified;
            self.since = Some(now);
        }
        let is_due = match (self.listed, self.since) {
            (Some(listed), Some(since)) => listed < since + TICK,
            _ => true,
        };
        if is_due {
            self.listed = Some(now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_still_is_not_listed_for_ever() {
        let (start, changed) = (Instant::now(), SystemTime::UNIX_EPOCH);
        let mut watched = Watched::default();
        let due: Vec<u64> = (0..100)
            .filter(|&k| {
                let later = start + Duration::from_millis(100 * k);
                let modified = if k < 10 { changed } else { changed + TICK };
                watched.is_due_at(Some(modified), later)
            })
            .collect();
        // Until 2 s after the change that was seen 1 s after the start.
        assert_eq!(due, (0..=30).collect::<Vec<_>>());
    }
}
