use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// For how long nothing has changed of files that their owners renew, by this process's own clock.
///
/// The time that a file shows is compared with itself alone. Whose clock set it, and whether that
/// clock is an hour behind or a century ahead, does not matter.
#[derive(Debug, Default)]
pub(crate) struct Watch(Mutex<Files>);

#[derive(Debug)]
struct Files {
    seen: HashMap<(u64, u64), Seen>,
    /// When there are more, those are forgotten that nobody asks for any more.
    most: usize,
}

#[derive(Debug)]
struct Seen {
    written: SystemTime,
    text: Vec<u8>,
    since: Instant,
    asked: Instant,
}

/// So many files are never too many.
const MANY: usize = 10_000;
/// A file that nobody has asked for during this time is there no more, or in nobody's way.
const FORGOTTEN: Duration = Duration::from_mins(10);

impl Default for Files {
    fn default() -> Files {
        Files {
            seen: HashMap::new(),
            most: MANY,
        }
    }
}

impl Files {
    /// Forgets files that nobody has asked for during `forgotten`. Those that are watched stay,
    /// however many they are: to watch them anew would delay what waits for them.
    fn tidy(&mut self, now: Instant, forgotten: Duration) {
        if self.seen.len() > self.most {
            self.seen
                .retain(|_, seen| now.saturating_duration_since(seen.asked) < forgotten);
            self.most = MANY.max(2 * self.seen.len());
        }
    }
}

impl Watch {
    /// Notes how a file looks now and says for how long it has looked so. `not_before`: what was
    /// seen earlier does not count.
    pub(crate) fn unchanged(
        &self,
        inode: (u64, u64),
        written: SystemTime,
        text: &[u8],
        not_before: Option<Instant>,
    ) -> Duration {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        files.tidy(now, FORGOTTEN);
        let new = || Seen {
            written,
            text: text.to_owned(),
            since: now,
            asked: now,
        };
        let seen = files.seen.entry(inode).or_insert_with(new);
        if (seen.written, seen.text.as_slice()) != (written, text) {
            *seen = new();
        }
        seen.asked = now;
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

    #[test]
    fn of_very_many_files_only_those_are_forgotten_that_nobody_asks_for() {
        let watch = Watch::default();
        let ask = |number| watch.unchanged((1, number), SystemTime::UNIX_EPOCH, b"", None);
        let many = 2 * MANY as u64;
        (0..many).for_each(|number| _ = ask(number));
        std::thread::sleep(Duration::from_millis(5));
        assert!((0..many).all(|number| ask(number) >= Duration::from_millis(5)));
        std::thread::sleep(Duration::from_millis(5));
        ask(7);
        let mut files = watch.0.lock().unwrap();
        files.most = MANY;
        files.tidy(Instant::now(), Duration::from_millis(4));
        assert!(files.seen.keys().eq([&(1, 7)]));
    }
}
