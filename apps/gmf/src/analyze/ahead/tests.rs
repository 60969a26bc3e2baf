use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use super::*;

/// What was read so far, and by whom.
type Log = Arc<Mutex<Vec<(usize, ThreadId)>>>;

/// Items `0..100`, whose value is ten times their index.
fn logged_by(readers: usize, depth: usize, lanes: usize) -> (Ahead<usize>, Log) {
    let log = Log::default();
    let its = Arc::clone(&log);
    let follow = |index| (index + 1 < 100).then_some(index + 1);
    let read = move |index| {
        its.lock().unwrap().push((index, thread::current().id()));
        Ok(10 * index)
    };
    (
        Ahead::new(depth, lanes, readers, follow, read).unwrap(),
        log,
    )
}

fn logged(depth: usize, lanes: usize) -> (Ahead<usize>, Log) {
    logged_by(1, depth, lanes)
}

fn eventually(condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(30), "never happened");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn what_is_taken_in_order_was_read_once_and_elsewhere() {
    let (ahead, log) = logged(3, 1);
    for index in 0..100 {
        assert_eq!(ahead.take(index).unwrap(), 10 * index);
    }
    drop(ahead);
    let log = log.lock().unwrap();
    let mut read: Vec<usize> = log.iter().map(|&(index, _)| index).collect();
    // The first is read here while the others are read there.
    read.sort_unstable();
    assert_eq!(read, (0..100).collect::<Vec<_>>());
    let own = thread::current().id();
    assert!(log.iter().all(|&(index, by)| (by == own) == (index == 0)));
}

#[test]
fn no_more_is_read_in_advance_than_the_depth() {
    let (ahead, log) = logged(3, 2);
    ahead.take(0).unwrap();
    let count = || log.lock().unwrap().len();
    eventually(|| count() == 4);
    thread::sleep(Duration::from_millis(30));
    assert_eq!(count(), 4);
    ahead.take(2).unwrap();
    eventually(|| count() == 5);
}

/// Batches of two lanes, read by three threads.
#[test]
fn several_readers_read_everything_once_and_no_more_than_the_depth() {
    let (ahead, log) = logged_by(3, 20, 20);
    assert_eq!(ahead.take(0).unwrap(), 0);
    let count = || log.lock().unwrap().len();
    eventually(|| count() == 21);
    thread::sleep(Duration::from_millis(30));
    assert_eq!(count(), 21);
    thread::scope(|scope| {
        for lane in 0..2 {
            let ahead = &ahead;
            scope.spawn(move || {
                for batch in (lane..5).step_by(2) {
                    for index in (20 * batch).max(1)..20 * batch + 20 {
                        assert_eq!(ahead.take(index).unwrap(), 10 * index);
                    }
                }
            });
        }
    });
    drop(ahead);
    let mut read: Vec<usize> = log
        .lock()
        .unwrap()
        .iter()
        .map(|&(index, _)| index)
        .collect();
    read.sort_unstable();
    // Who overtakes another may make the reader guess anew: nothing is left out.
    read.dedup();
    assert_eq!(read, (0..100).collect::<Vec<_>>());
}

#[test]
fn wrong_guesses_are_given_up() {
    let (ahead, log) = logged(2, 1);
    ahead.take(0).unwrap();
    eventually(|| log.lock().unwrap().len() == 3);
    // 1 and 2 are there and nobody wants them; 3 is planned; 50 and 7 are not.
    for index in [3, 4, 50, 51, 7, 52, 53, 99] {
        assert_eq!(ahead.take(index).unwrap(), 10 * index);
    }
    let log = log.lock().unwrap();
    // Asked for late, 7 did not turn the order back.
    assert!(log.iter().all(|&(index, _)| !(8..50).contains(&index)));
}

#[test]
fn an_error_is_told_to_who_asks_for_that_item() {
    let follow = |index| Some(index + 1);
    let read = |index| match index {
        3 => Err(Error::Request("three is bad".to_owned())),
        _ => Ok(index),
    };
    let ahead = Ahead::new(8, 1, 1, follow, read).unwrap();
    for index in [0, 1, 2, 4, 5] {
        assert_eq!(ahead.take(index).unwrap(), index);
    }
    let error = ahead.take(3).unwrap_err().to_string();
    assert!(error.contains("three is bad"), "{error}");
}

#[test]
fn a_panic_of_a_reading_is_met_by_who_asks() {
    let read = |index| {
        assert!(index < 2, "{index} cannot be read");
        Ok(index)
    };
    let ahead = Ahead::new(1, 1, 1, |index| Some(index + 1), read).unwrap();
    assert_eq!(ahead.take(0).unwrap(), 0);
    assert_eq!(ahead.take(1).unwrap(), 1);
    assert!(catch_unwind(AssertUnwindSafe(|| ahead.take(2))).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| ahead.take(3))).is_err());
}

#[test]
fn lanes_that_overtake_each_other_get_what_they_ask_for() {
    for depth in [1, 3, 8] {
        let (ahead, _) = logged(depth, 4);
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for lane in 0..4 {
                let (ahead, next) = (&ahead, &next);
                scope.spawn(move || {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        if index >= 100 {
                            break;
                        }
                        if index % 7 == lane {
                            thread::sleep(Duration::from_millis(1));
                        }
                        // Some are skipped, as those of an earlier run.
                        if index % 5 != 0 {
                            assert_eq!(ahead.take(index).unwrap(), 10 * index);
                        }
                    }
                });
            }
        });
    }
}

#[test]
fn the_thread_ends_with_it() {
    let (ahead, log) = logged(2, 1);
    ahead.take(0).unwrap();
    assert_eq!(Arc::strong_count(&log), 2);
    drop(ahead);
    assert_eq!(Arc::strong_count(&log), 1);
}
