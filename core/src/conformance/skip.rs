//! Policy `Skip` lists failures, goes on, and a resumed run tries them again.

use std::time::Duration;

use super::log::Log;
use super::plan::Plan;
use super::subject::{Run, Way};
use super::toy::{FAULT, Fault, Toy, value};
use super::{Subject, ToyDevice, Verdict, ensure};
use crate::{Backend, OnError, Ordered};

const LEN: usize = 60;
const FAULTS: [(usize, Fault); 5] = [
    (0, Fault::Read),
    (7, Fault::Compute),
    (30, Fault::PanicInRead),
    (31, Fault::PanicInCompute),
    (LEN - 1, Fault::Compute),
];

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    for plan in Plan::all() {
        for way in Way::WITH_SINK {
            for window in [None, Some(4)] {
                check(subject, way, plan, window)?;
            }
        }
    }
    Ok(())
}

fn check<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    way: Way,
    plan: Plan,
    window: Option<usize>,
) -> Verdict {
    let what = format!("{way:?}, {plan:?}, window {window:?}");
    // The second failure comes late: those after it are there first where there are lanes.
    let toy = Toy {
        pause: (Duration::from_millis(5), 7..8),
        ..Toy::failing(LEN, &FAULTS)
    };
    let mut log = Log::new();
    let run = Run {
        on_error: OnError::Skip,
        ..Run::new(&toy, plan)
    };
    let outcome = match window {
        None => subject.run(way, &run, &mut log),
        Some(window) => subject.run(way, &run, &mut Ordered::new(&mut log, window)),
    };
    let report = subject.fine(outcome, &what)?.report;
    let indices: Vec<usize> = report.failed.iter().map(|failure| failure.index).collect();
    let right = report.done == LEN - FAULTS.len()
        && indices.iter().eq(FAULTS.iter().map(|(index, _)| index))
        && report
            .failed
            .iter()
            .all(|failure| failure.cause.contains(FAULT));
    subject.on_every_rank(right, || format!("{what}: reported {report:?}"))?;
    let mut told = subject.gathered(log.failed.clone())?.concat();
    told.sort_unstable();
    ensure(told == indices, || {
        format!("{what}: the sink was told of {told:?}")
    })?;

    // The resumed run finds the causes gone and does the rest, no more.
    let rows = subject.all_rows(log.sorted())?;
    let (toy, mut log) = (Toy::new(LEN), Log::new());
    log.complete = rows.iter().map(|(index, _)| *index).collect();
    let outcome = subject.run(way, &Run::new(&toy, plan), &mut log);
    subject.fine(outcome, &what)?;
    let rest = subject.all_rows(log.sorted())?;
    let expected = indices.iter().map(|&i| (i, value(0, i).to_bits()));
    ensure(rest.iter().copied().eq(expected), || {
        format!("{what}: the resumed run wrote {rest:?}")
    })
}
