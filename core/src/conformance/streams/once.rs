//! An item of a stream is computed and reported once, on one rank, whoever reads it; never when an
//! earlier run had done it.

use super::super::log::Log;
use super::super::plan::Plan;
use super::super::subject::Run;
use super::super::toy::{Toy, value};
use super::super::{Subject, ToyDevice, Verdict, ensure};
use super::{Numbers, roles};
use crate::Backend;

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    for roles in roles(subject.size()) {
        for len in [0, 1, 500] {
            check(subject, &roles, len, &[])?;
        }
        let done: Vec<usize> = (0..500).filter(|i| i % 3 == 1 || i / 20 == 2).collect();
        check(subject, &roles, 500, &done)?;
    }
    nobody_reads(subject)
}

pub(super) fn check<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    roles: &[bool],
    len: usize,
    done: &[usize],
) -> Verdict {
    let [plan, ..] = Plan::dealings(1);
    let (toy, mut log) = (Toy::new(len), Log::new());
    log.complete = done.iter().copied().collect();
    let mut feed = Numbers::of(roles, subject.rank(), len);
    let what = format!("{len} items, {} done before, {roles:?} read", done.len());
    let outcome = subject.stream(&Run::new(&toy, plan), feed.as_mut(), &mut log);
    let report = subject.fine(outcome, &what)?;
    let rows = subject.all_rows(log.sorted())?;
    let left = (0..len).filter(|index| !done.contains(index));
    let expected: Vec<_> = left.map(|i| (i, value(0, i).to_bits())).collect();
    ensure(rows == expected, || format!("{what}: rows {rows:?}"))?;
    let counted = (report.done, report.skipped, report.failed.len());
    ensure(counted == (expected.len(), done.len(), 0), || {
        format!("{what}: (done, skipped, failed) is {counted:?}")
    })?;
    let committed = log.committed.len() == log.rows.len();
    subject.on_every_rank(committed && !log.on_other_thread, || {
        format!("{what}: rows were not committed, or the sink was called on another thread")
    })
}

fn nobody_reads<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    let [plan, ..] = Plan::dealings(1);
    let toy = Toy::new(1);
    let outcome = subject.stream(&Run::new(&toy, plan), None::<&mut Numbers>, &mut Log::new());
    let refused = outcome.is_err();
    subject.on_every_rank(refused, || "a stream that nobody reads ended well".into())
}
