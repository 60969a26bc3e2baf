use std::time::Duration;

use serde_json::Value;

use super::barrier;
use crate::conformance::{text, together};
use crate::{FairLock, Guard};
use jobwise_core::conformance::{Verdict, ensure};
use jobwise_core::{Backoff, Cluster, Result, SharedAtomics};

/// Who comes when, and the order in which they had the lock.
pub(super) struct Log<'c> {
    pub(super) lock: FairLock<'c>,
    pub(super) words: Box<dyn SharedAtomics + 'c>,
}

impl<'c> Log<'c> {
    pub(super) fn new(cluster: &'c dyn Cluster) -> Result<Log<'c>> {
        Ok(Log {
            lock: FairLock::new(cluster)?,
            words: cluster.words(1 + 2 * cluster.size())?,
        })
    }

    /// Returns when so many tickets are out.
    pub(super) fn when(&self, queue: usize) -> Verdict {
        self.until(|| Ok(self.lock.queue()? == queue))
    }

    /// Returns when so many have had the lock.
    pub(super) fn after(&self, had: usize) -> Verdict {
        self.until(|| Ok(self.words.load(0)? == had as u64))
    }

    pub(super) fn until(&self, so: impl Fn() -> Result<bool>) -> Verdict {
        let mut backoff = Backoff::new();
        while !so().map_err(text)? {
            ensure(backoff.so_far() < Duration::from_secs(20), || {
                format!("never: {} tickets are out", self.lock.queue().unwrap_or(0))
            })?;
            backoff.snooze();
        }
        Ok(())
    }

    pub(super) fn had(&self, guard: Guard<'_>, rank: usize) -> Verdict {
        // Whoever sees the count sees the entry: it comes first. The lock is held, so nobody else
        // counts meanwhile.
        let at = self.words.load(0).map_err(text)? as usize;
        self.words.add(1 + at, rank as u64 + 1).map_err(text)?;
        self.words.add(0, 1).map_err(text)?;
        guard.unlock().map_err(text)
    }

    pub(super) fn order(&self) -> Result<Vec<usize>, String> {
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
pub(in crate::conformance) fn fifo(cluster: &dyn Cluster) -> Verdict {
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
