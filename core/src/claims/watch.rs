use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// For how long nothing has changed of files that their owners renew, by this process's own clock.
///
/// The time that a file shows is compared with itself alone. Whose clock set it, and whether that
/// clock is an hour behind or a century ahead, does not matter.
#[derive(Debug, Default)]
pub(super) struct Watch(Mutex<HashMap<(u64, u64), Seen>>);

#[derive(Debug)]
struct Seen {
    written: SystemTime,
    text: Vec<u8>,
    since: Instant,
}

/// Files that nobody renews any more are forgotten when there are more than this.
const MOST: usize = 10_000;

impl Watch {
    /// Notes how a file looks now and says for how long it has looked so. `not_before`: what was
    /// seen earlier does not count.
    pub(super) fn unchanged(
        &self,
        inode: (u64, u64),
        written: SystemTime,
        text: &[u8],
        not_before: Option<Instant>,
    ) -> Duration {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if files.len() > MOST {
            files.clear();
        }
        let seen = files.entry(inode).or_insert_with(|| Seen {
            written,
            text: text.to_owned(),
            since: now,
        });
        if (seen.written, seen.text.as_slice()) != (written, text) {
            *seen = Seen {
                written,
                text: text.to_owned(),
                since: now,
            };
        }
        if let Some(earliest) = not_before {
            seen.since = seen.since.max(earliest);
        }
        now.saturating_duration_since(seen.since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_change_counts_whatever_the_time_is() {
        let watch = Watch::default();
        let short = Duration::from_millis(20);
        let century = Duration::from_hours(24 * 365 * 100);
        let (past, future) = (SystemTime::UNIX_EPOCH, SystemTime::now() + century);
        for time in [past, future] {
            assert_eq!(watch.unchanged((1, 1), time, b"1", None), Duration::ZERO);
            std::thread::sleep(short);
            assert!(watch.unchanged((1, 1), time, b"1", None) >= short);
            // A new time, or a new text at the same time, is a sign of life.
            let later = time + Duration::from_nanos(1);
            assert_eq!(watch.unchanged((1, 1), later, b"1", None), Duration::ZERO);
            assert_eq!(watch.unchanged((1, 1), later, b"2", None), Duration::ZERO);
        }
        std::thread::sleep(short);
        let awake = Instant::now();
        let silent = watch.unchanged((1, 1), future, b"2", Some(awake));
        assert!(silent < short, "who slept has seen nothing");
    }
}
