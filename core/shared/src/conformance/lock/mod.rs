mod giving_up;
mod traffic;
mod turns;

pub(super) use giving_up::{at_random, giving_up};
pub(super) use traffic::traffic;
pub(super) use turns::fifo;
pub use turns::locks;

use std::time::Duration;

use super::{text, together};
use crate::FairLock;
use jobwise_core::conformance::{Verdict, ensure};
use jobwise_core::{Cluster, Comm, SharedAtomics};

const MOMENT: Duration = Duration::from_millis(5);

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
