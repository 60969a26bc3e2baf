use std::time::Duration;

use super::turns::Log;
use super::{MOMENT, barrier, step};
use crate::FairLock;
use crate::conformance::{text, together};
use jobwise_core::Cluster;
use jobwise_core::conformance::{Verdict, ensure};

const LONG: Duration = Duration::from_secs(20);

/// Who gives up is passed over, unless it comes again before; nobody who waits suffers from it.
pub(in crate::conformance) fn giving_up(cluster: &dyn Cluster) -> Verdict {
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
pub(in crate::conformance) fn at_random(cluster: &dyn Cluster) -> Verdict {
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
