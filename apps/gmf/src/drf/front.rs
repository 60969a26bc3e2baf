//! Up to where the files of a growing channel have arrived.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// The files of a growing channel by their stamps (ms since 1970).
///
/// Up to the *front* each file has arrived or was given up. A hole holds the front back until its
/// files come, or until the settling time after the first later file has passed.
#[derive(Debug)]
pub(super) struct Front {
    cadence: i64,
    settle: Duration,
    /// The last stamp at or before the front.
    at: i64,
    /// Files beyond a hole, and when they arrived.
    ahead: BTreeMap<i64, Instant>,
    /// Steps of the time at which all files up to a stamp had arrived, ascending.
    arrivals: VecDeque<(i64, Instant)>,
    newest: i64,
    news: Instant,
}

impl Front {
    /// The front before the file `first`, of which nothing is known yet.
    pub(super) fn before(first: i64, cadence: i64, settle: Duration, now: Instant) -> Front {
        Front {
            cadence,
            settle,
            at: first - cadence,
            ahead: BTreeMap::new(),
            arrivals: VecDeque::new(),
            newest: first - cadence,
            news: now,
        }
    }

    /// The last stamp at or before the front.
    pub(super) fn position(&self) -> i64 {
        self.at
    }

    /// The newest file.
    pub(super) fn newest(&self) -> i64 {
        self.newest
    }

    /// When the last file arrived.
    pub(super) fn news(&self) -> Instant {
        self.news
    }

    /// The absent files between the front and the first file beyond it.
    pub(super) fn hole(&self) -> impl Iterator<Item = i64> + use<> {
        let end = self.ahead.keys().next().copied().unwrap_or(self.at);
        let step = self.cadence;
        std::iter::successors(Some(self.at + step), move |stamp| stamp.checked_add(step))
            .take_while(move |&stamp| stamp < end)
    }

    /// Takes a file that arrived at `when`. One that was given up before is left out, as is one
    /// that is known.
    pub(super) fn found(&mut self, stamp: i64, when: Instant) {
        if stamp > self.at && !self.ahead.contains_key(&stamp) {
            self.ahead.insert(stamp, when);
            self.newest = self.newest.max(stamp);
            self.news = self.news.max(when);
        }
    }

    /// Moves the front over files that are there and holes that have been waited for long enough.
    pub(super) fn advance(&mut self, now: Instant) {
        while let Some((&stamp, &when)) = self.ahead.first_key_value() {
            if stamp > self.at + self.cadence && now < when + self.settle {
                return;
            }
            self.ahead.pop_first();
            self.at = stamp;
            match self.arrivals.back_mut() {
                Some((last, at)) if *at >= when => *last = stamp,
                _ => self.arrivals.push_back((stamp, when)),
            }
        }
    }

    /// When all files up to `stamp` had arrived or, of those given up, the first later one had;
    /// `None` while one is awaited.
    ///
    /// What lies beyond the newest file is awaited until a file's time and the settling time have
    /// passed without news.
    pub(super) fn arrived(&self, stamp: i64, now: Instant) -> Option<Instant> {
        if stamp <= self.at {
            let after = self.arrivals.partition_point(|&(file, _)| file < stamp);
            return Some(self.arrivals.get(after).map_or(self.news, |&(_, at)| at));
        }
        let patience = self.settle + Duration::from_millis(self.cadence as u64);
        let is_silent = self.ahead.is_empty() && now >= self.news + patience;
        is_silent.then_some(now)
    }

    /// Forgets when files before `stamp` arrived.
    pub(super) fn forget(&mut self, stamp: i64) {
        while self.arrivals.len() > 1 && self.arrivals[0].0 < stamp {
            self.arrivals.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLE: Duration = Duration::from_secs(2);

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// Files every 100 ms from stamp 1000 on.
    fn front(start: Instant) -> Front {
        Front::before(1000, 100, SETTLE, start)
    }

    #[test]
    fn files_in_turn_move_it_at_once() {
        let start = Instant::now();
        let mut front = front(start);
        assert_eq!(front.arrived(1000, start), None);
        for k in 0..3 {
            front.found(1000 + 100 * k, start + ms(k as u64));
        }
        front.advance(start + ms(10));
        assert_eq!((front.position(), front.newest()), (1200, 1200));
        for k in 0..3 {
            let arrived = front.arrived(1000 + 100 * k, start + ms(10));
            assert_eq!(arrived, Some(start + ms(k as u64)));
        }
        assert_eq!(front.arrived(1300, start + ms(10)), None);
        front.forget(1200);
        assert_eq!(front.arrived(1200, start), Some(start + ms(2)));
        assert_eq!(front.arrivals.len(), 1);
    }

    #[test]
    fn a_hole_is_waited_for_and_a_late_file_fills_it() {
        let start = Instant::now();
        let mut front = front(start);
        front.found(1000, start);
        front.found(1300, start + ms(10));
        front.advance(start + SETTLE);
        assert_eq!(front.position(), 1000);
        assert_eq!(front.hole().collect::<Vec<_>>(), [1100, 1200]);
        front.found(1200, start + ms(20));
        front.found(1100, start + ms(30));
        front.advance(start + ms(40));
        assert_eq!(front.position(), 1300);
        // The last of them completed what they span.
        assert_eq!(front.arrived(1300, start), Some(start + ms(30)));
        assert_eq!(front.hole().count(), 0);
    }

    #[test]
    fn a_hole_is_given_up_after_the_settling_time() {
        let start = Instant::now();
        let mut front = front(start);
        front.found(1000, start);
        front.found(1300, start + ms(10));
        front.advance(start + ms(9) + SETTLE);
        assert_eq!(front.arrived(1100, start + ms(9) + SETTLE), None);
        front.advance(start + ms(10) + SETTLE);
        assert_eq!(front.position(), 1300);
        assert_eq!(front.arrived(1100, start + SETTLE), Some(start + ms(10)));
        // Too late: not looked at again.
        front.found(1200, start + ms(3000));
        assert_eq!(front.news(), start + ms(10));
    }

    #[test]
    fn a_slow_channel_is_waited_for_while_it_delivers() {
        let start = Instant::now();
        let mut front = front(start);
        front.found(1000, start);
        front.advance(start);
        assert_eq!(front.arrived(5000, start + SETTLE + ms(99)), None);
        let silent = start + SETTLE + ms(100);
        assert_eq!(front.arrived(5000, silent), Some(silent));
        front.found(1100, silent);
        front.advance(silent);
        assert_eq!(front.arrived(5000, silent), None);
    }
}
