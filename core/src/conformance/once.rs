//! An item is read, computed and reported once, on one rank; never when an earlier run had done it.

use std::sync::atomic::{AtomicU64, Ordering};

use super::log::Log;
use super::plan::Plan;
use super::subject::{Run, Way};
use super::toy::Toy;
use super::{Subject, ToyDevice, Verdict, ensure};
use crate::Backend;

const LEN: usize = 100;

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    for plan in Plan::all() {
        for way in Way::ALL {
            check(subject, way, plan, &[])?;
        }
        for way in Way::WITH_SINK {
            let done: Vec<usize> = (0..LEN).filter(|i| i % 3 == 1 || i / 20 == 2).collect();
            check(subject, way, plan, &done)?;
        }
    }
    Ok(())
}

fn check<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    way: Way,
    plan: Plan,
    done: &[usize],
) -> Verdict {
    let (toy, mut log) = (Toy::new(LEN), Log::new());
    log.complete = done.iter().copied().collect();
    let what = format!("{way:?}, {plan:?}, {} done before", done.len());
    let outcome = subject.run(way, &Run::new(&toy, plan), &mut log);
    let report = subject.fine(outcome, &what)?.report;

    let expected: Vec<u64> = (0..LEN).map(|i| u64::from(!done.contains(&i))).collect();
    for (verb, counts) in [("read", &toy.reads), ("computed", &toy.computes)] {
        let counted = sum_by_index(&subject.gathered(snapshot(counts))?);
        ensure(counted == expected, || {
            format!("{what}: items were {verb} {counted:?} times")
        })?;
    }
    if !Way::WITH_SINK.contains(&way) {
        return Ok(());
    }
    let rows = subject.all_rows(log.sorted())?;
    let written: Vec<usize> = rows.iter().map(|(index, _)| *index).collect();
    ensure(
        written
            .iter()
            .copied()
            .eq((0..LEN).filter(|i| !done.contains(i))),
        || format!("{what}: wrote {written:?}"),
    )?;
    // Each rank of its own report; then all of them together.
    let reported = report.done == LEN - done.len() && report.skipped == done.len();
    subject.on_every_rank(reported, || format!("{what}: reported {report:?}"))
}

fn snapshot(counts: &[AtomicU64]) -> Vec<u64> {
    counts.iter().map(|n| n.load(Ordering::SeqCst)).collect()
}

fn sum_by_index(ranks: &[Vec<u64>]) -> Vec<u64> {
    (0..LEN)
        .map(|i| ranks.iter().map(|rank| rank[i]).sum())
        .collect()
}
