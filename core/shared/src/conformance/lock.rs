use std::time::Duration;

use serde_json::Value;

use super::{text, together};
use crate::{FairLock, Guard};
use jobwise_core::conformance::{Verdict, ensure};
use jobwise_core::{Backoff, Channel, Cluster, Comm, Result, SharedAtomics};

fn barrier(cluster: &dyn Cluster) -> Verdict {
    (cluster as &dyn Comm).barrier().map_err(text)
}

/// One step of a number that is only right if nobody else steps meanwhile.
fn step(words: &dyn SharedAtomics, at: usize) -> Verdict {
    let before = words.load(at).map_err(text)?;
    std::hint::black_box(before);
    let found = words.replace(at, before, before + 1).map_err(text)?;
    ensure(found == before, || {
        format!("two ranks at once: {found} where {before} was")
    })
}

/// Every rank takes the lock `sections` times and counts without atomic steps: no step is lost.
/// Collective.
///
/// # Errors
/// On every rank, when one is.
pub fn counts(cluster: &dyn Cluster, sections: usize) -> Verdict {
    let words = cluster.words(1).map_err(text)?;
    let lock = FairLock::new(cluster).map_err(text)?;
    let mine = (0..sections).try_for_each(|_| {
        let guard = lock.lock().map_err(text)?;
        step(&*words, 0)?;
        guard.unlock().map_err(text)
    });
    together(cluster, mine)?;
    let all = words.load(0).map_err(text)?;
    together(
        cluster,
        ensure(all == (sections * cluster.size()) as u64, || {
            format!("{all} sections")
        }),
    )
}

pub(super) fn exclusion(cluster: &dyn Cluster) -> Verdict {
    let sections = if cluster.nodes().count() == 1 {
        100_000
    } else {
        3000
    };
    counts(cluster, sections / cluster.size())
}

/// Each rank takes and releases it five times, and is asked what it knows.
pub(super) fn five_times(cluster: &dyn Cluster) -> Verdict {
    let lock = FairLock::new(cluster).map_err(text)?;
    for _ in 0..5 {
        let guard = lock.lock().map_err(text)?;
        ensure(lock.is_locked_by_me(), || "not locked".into())?;
        let holder = lock.holder().map_err(text)?;
        ensure(holder == Some(cluster.rank()), || {
            format!("held by {holder:?}")
        })?;
        let again = lock.lock().err().map(text);
        ensure(
            again.is_some_and(|e| e.contains("has the lock already")),
            || "locked twice".into(),
        )?;
        ensure(
            lock.try_lock().is_err() && lock.lock_timeout(Duration::ZERO).is_err(),
            || "tried twice".into(),
        )?;
        ensure(lock.is_locked_by_me(), || "not locked any more".into())?;
        drop(guard);
        ensure(!lock.is_locked_by_me(), || "still locked".into())?;
    }
    barrier(cluster)?;
    let free = lock.queue().map_err(text)? == 0 && lock.holder().map_err(text)?.is_none();
    ensure(free, || "not free in the end".into())
}

/// What else is sent while ranks take turns.
const CHANNELS: [Channel; 4] = [
    Channel::OUTPUT,
    Channel::ARRAY,
    Channel::LOCK,
    Channel::application(0),
];

/// Three locks at once, while the ranks send each other messages on other channels.
pub(super) fn traffic(cluster: &dyn Cluster) -> Verdict {
    let locks: Vec<_> = (0..3)
        .map(|_| FairLock::new(cluster))
        .collect::<Result<_>>()
        .map_err(text)?;
    let words = cluster.words(3).map_err(text)?;
    let (rank, size) = (cluster.rank(), cluster.size());
    let rounds = 200u32;
    let mine = (0..rounds).try_for_each(|round| {
        let which = (round as usize + rank) % 3;
        if size > 1 {
            cluster
                .send(
                    (rank + 1) % size,
                    CHANNELS[round as usize % CHANNELS.len()],
                    &round.to_le_bytes(),
                )
                .map_err(text)?;
        }
        let outer = locks[which].lock().map_err(text)?;
        step(&*words, which)?;
        if which < 2 {
            // In the order of the locks, so that nobody waits in a circle.
            let inner = locks[which + 1].lock().map_err(text)?;
            step(&*words, which + 1)?;
            inner.unlock().map_err(text)?;
        }
        outer.unlock().map_err(text)
    });
    if size > 1 {
        // Nobody took a message for a turn, and no turn came as a message.
        for round in 0..rounds {
            let channel = CHANNELS[round as usize % CHANNELS.len()];
            let (_, bytes) = (cluster as &dyn Comm)
                .receive(Some((rank + size - 1) % size), channel)
                .map_err(text)?;
            ensure(bytes == round.to_le_bytes(), || {
                format!("{bytes:?} in round {round}")
            })?;
        }
    }
    together(cluster, mine)?;
    let all = (0..3)
        .map(|at| words.load(at))
        .sum::<Result<u64>>()
        .map_err(text)?;
    let expected: u64 = (0..size)
        .flat_map(|rank| {
            (0..rounds as usize).map(move |round| if (round + rank) % 3 < 2 { 2 } else { 1 })
        })
        .sum();
    ensure(all == expected, || format!("{all} steps, not {expected}"))
}

/// Who comes when, and the order in which they had the lock.
struct Log<'c> {
    lock: FairLock<'c>,
    words: Box<dyn SharedAtomics + 'c>,
}

impl<'c> Log<'c> {
    fn new(cluster: &'c dyn Cluster) -> Result<Log<'c>> {
        Ok(Log {
            lock: FairLock::new(cluster)?,
            words: cluster.words(1 + 2 * cluster.size())?,
        })
    }

    /// Returns when so many tickets are out.
    fn when(&self, queue: usize) -> Verdict {
        self.until(|| Ok(self.lock.queue()? == queue))
    }

    /// Returns when so many have had the lock.
    fn after(&self, had: usize) -> Verdict {
        self.until(|| Ok(self.words.load(0)? == had as u64))
    }

    fn until(&self, so: impl Fn() -> Result<bool>) -> Verdict {
        let mut backoff = Backoff::new();
        while !so().map_err(text)? {
            ensure(backoff.so_far() < Duration::from_secs(20), || {
                format!("never: {} tickets are out", self.lock.queue().unwrap_or(0))
            })?;
            backoff.snooze();
        }
        Ok(())
    }

    fn had(&self, guard: Guard<'_>, rank: usize) -> Verdict {
        // Whoever sees the count sees the entry: it comes first. The lock is held, so nobody else
        // counts meanwhile.
        let at = self.words.load(0).map_err(text)? as usize;
        self.words.add(1 + at, rank as u64 + 1).map_err(text)?;
        self.words.add(0, 1).map_err(text)?;
        guard.unlock().map_err(text)
    }

    fn order(&self) -> Result<Vec<usize>, String> {
        let count = self.words.load(0).map_err(text)? as usize;
        let ranks = (0..count).map(|at| Ok(self.words.load(1 + at)? as usize - 1));
        ranks.collect::<Result<_>>().map_err(text)
    }
}

/// The ranks ask in this order while the first has the lock, and get it in that order.
fn asked_in(cluster: &dyn Cluster, order: &[usize]) -> Verdict {
    let log = Log::new(cluster).map_err(text)?;
    let rank = cluster.rank();
    let place = order
        .iter()
        .position(|other| *other == rank)
        .ok_or("not asked")?;
    log.when(place)?;
    let guard = log.lock.lock().map_err(text)?;
    if place == 0 {
        log.when(order.len())?;
    }
    log.had(guard, rank)?;
    log.after(order.len())?;
    let had = log.order()?;
    ensure(had == order, || {
        format!("asked in the order {order:?}, had in {had:?}")
    })?;
    barrier(cluster)
}

/// First come, first served.
pub(super) fn fifo(cluster: &dyn Cluster) -> Verdict {
    let size = cluster.size();
    for round in 0..10 {
        let strides = 1 + round..=1 + round + size;
        let stride = strides
            .into_iter()
            .find(|n| gcd(*n, size) == 1)
            .unwrap_or(1);
        let order: Vec<usize> = (0..size)
            .map(|place| (place * stride + round) % size)
            .collect();
        asked_in(cluster, &order)?;
    }
    Ok(())
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Does what one of the locks' scenarios says, on as many ranks. Collective.
///
/// # Errors
/// On every rank, when the lock goes round otherwise than in `result`.
pub fn locks(cluster: &dyn Cluster, scenario: &Value, result: &Value) -> Verdict {
    let mine = result["grant_order"]
        .as_array()
        .ok_or("no order")
        .map_err(String::from)
        .and_then(|rounds| {
            ensure(
                Some(rounds.len() as u64) == scenario["rounds"].as_u64(),
                || "as many orders as rounds".into(),
            )?;
            for granted in rounds {
                ensure(*granted == scenario["request_order"], || {
                    "an order that is not first come, first served".into()
                })?;
                let order = granted.as_array().into_iter().flatten();
                asked_in(
                    cluster,
                    &order
                        .filter_map(Value::as_u64)
                        .map(|rank| rank as usize)
                        .collect::<Vec<_>>(),
                )?;
            }
            Ok(())
        });
    together(cluster, mine)
}

const MOMENT: Duration = Duration::from_millis(5);
const LONG: Duration = Duration::from_secs(20);

/// Who gives up is passed over, unless it comes again before; nobody who waits suffers from it.
pub(super) fn giving_up(cluster: &dyn Cluster) -> Verdict {
    let (rank, size) = (cluster.rank(), cluster.size());
    // Rank 0 has it; all others give up; it is free afterwards.
    let log = Log::new(cluster).map_err(text)?;
    if rank == 0 {
        let guard = log.lock.lock().map_err(text)?;
        log.after(size - 1)?;
        drop(guard);
        ensure(log.lock.queue().map_err(text)? == 0, || {
            "who gave up is waited for".into()
        })?;
    } else {
        log.when(rank)?;
        let came = log.lock.lock_timeout(MOMENT).map_err(text)?.is_some();
        ensure(!came, || "a lock that rank 0 has".into())?;
        log.words.add(0, 1).map_err(text)?;
    }
    barrier(cluster)?;
    let guard = log
        .lock
        .lock_timeout(LONG)
        .map_err(text)?
        .ok_or("who was passed over waits for ever")?;
    drop(guard);

    // Rank 1 gives up. With rank 2 behind it: it is passed over; or it comes again, and has its old
    // place.
    for comes_again in [false, true] {
        let log = Log::new(cluster).map_err(text)?;
        match rank {
            0 => {
                let guard = log.lock.lock().map_err(text)?;
                log.when(size.min(3))?;
                // Rank 1 has come again when it says so.
                log.until(|| Ok(size < 2 || log.words.load(2 * size)? == 1))?;
                log.had(guard, 0)?;
            }
            1 => {
                log.when(1)?;
                let none = log.lock.lock_timeout(MOMENT).map_err(text)?.is_none();
                ensure(none, || "a lock that rank 0 has".into())?;
                log.when(size.min(3))?;
                if comes_again {
                    // A moment that is over at once revives and gives up the place again; its
                    // number stays.
                    let none = log
                        .lock
                        .lock_timeout(Duration::ZERO)
                        .map_err(text)?
                        .is_none();
                    ensure(
                        none && log.lock.queue().map_err(text)? == size.min(3),
                        || "a place was lost".into(),
                    )?;
                }
                log.words.add(2 * size, 1).map_err(text)?;
                if !comes_again {
                    log.after(size.min(3) - 1)?;
                }
                let guard = log
                    .lock
                    .lock_timeout(LONG)
                    .map_err(text)?
                    .ok_or("never its turn")?;
                log.had(guard, 1)?;
            }
            2 => {
                log.when(2)?;
                let guard = log.lock.lock().map_err(text)?;
                log.had(guard, 2)?;
            }
            _ => {}
        }
        log.after(size.min(3))?;
        let order = log.order()?;
        // Passed over it surely is when it stays away; whether it is there again before rank 0 lets
        // go is its luck.
        let right = size < 3 || order == [0, 2, 1] || comes_again && order == [0, 1, 2];
        ensure(right, || {
            format!("comes again: {comes_again}, but the order is {order:?}")
        })?;
        barrier(cluster)?;
    }
    Ok(())
}

/// Ranks wait, try and give up at random: still one at a time, and nobody is lost.
pub(super) fn at_random(cluster: &dyn Cluster) -> Verdict {
    let lock = FairLock::new(cluster).map_err(text)?;
    let words = cluster.words(2).map_err(text)?;
    let mut dice = cluster.rank() as u64 + 1;
    let mine = (0..2000).try_for_each(|_| {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let guard = match dice >> 61 {
            0 | 1 => Some(lock.lock()).transpose(),
            2 => lock.try_lock(),
            3 => lock.lock_timeout(Duration::ZERO),
            _ => lock.lock_timeout(Duration::from_nanos(dice >> 46 & 0xffff)),
        };
        if let Some(guard) = guard.map_err(text)? {
            step(&*words, 0)?;
            words.add(1, 1).map_err(text)?;
            guard.unlock().map_err(text)?;
        }
        Ok(())
    });
    together(cluster, mine)?;
    let (steps, sections) = (words.load(0).map_err(text)?, words.load(1).map_err(text)?);
    ensure(steps == sections, || {
        format!("{steps} of {sections} sections counted")
    })?;
    // Nobody holds it; whoever gave up last is passed over by the next who lets go.
    barrier(cluster)?;
    drop(lock.lock().map_err(text)?);
    barrier(cluster)?;
    ensure(lock.queue().map_err(text)? == 0, || {
        "tickets are left".into()
    })
}

/// A holder that never lets go can be named, and given up on.
pub(super) fn never_released(cluster: &dyn Cluster) -> Verdict {
    let lock = FairLock::new(cluster).map_err(text)?;
    let last = cluster.size() - 1;
    if cluster.rank() == last {
        std::mem::forget(lock.lock().map_err(text)?);
    }
    barrier(cluster)?;
    if cluster.rank() != last {
        let got = lock.try_lock().map_err(text)?.is_some()
            || lock.lock_timeout(MOMENT).map_err(text)?.is_some();
        ensure(!got, || "a lock that another rank has".into())?;
    }
    let holder = lock.holder().map_err(text)?;
    ensure(holder == Some(last), || {
        format!("held by {holder:?}, not {last}")
    })?;
    barrier(cluster)
}
