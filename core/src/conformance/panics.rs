//! Panics are errors of their item, and leave no half-changed scratch to the next item; a panic
//! while a lane is set up ends the run on every rank. Panics of the sink are nobody's item: they
//! are not caught.

use super::log::Log;
use super::plan::Plan;
use super::subject::{End, Run, Way};
use super::toy::{FAULT, Fault, Toy, value};
use super::{Subject, ToyDevice, Verdict, ensure};
use crate::{Backend, OnError};

const LEN: usize = 60;

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    for plan in Plan::dealings(3) {
        for way in Way::WITH_SINK {
            only_their_item(subject, way, plan)?;
        }
        for way in Way::ALL {
            while_set_up(subject, way, plan)?;
        }
    }
    Ok(())
}

fn only_their_item<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    way: Way,
    plan: Plan,
) -> Verdict {
    // Two of three items panic half way: whoever follows on the same lane meets what they left.
    let panicking = |i: &usize| i % 3 != 2;
    let faults: Vec<_> = (0..LEN)
        .filter(panicking)
        .map(|i| (i, Fault::PanicInCompute))
        .collect();
    let (toy, mut log) = (Toy::failing(LEN, &faults), Log::new());
    let run = Run {
        on_error: OnError::Skip,
        ..Run::new(&toy, plan)
    };
    let what = format!("{way:?}, {plan:?}");
    let outcome = subject.run(way, &run, &mut log);
    let failed = subject.fine(outcome, &what)?.report.failed;
    let rows = subject.all_rows(log.sorted())?;
    subject.on_every_rank(!log.guarded, || {
        format!("{what}: a panic of the sink would be caught")
    })?;
    let expected = (0..LEN)
        .filter(|i| !panicking(i))
        .map(|i| (i, value(0, i).to_bits()));
    ensure(rows.iter().copied().eq(expected), || {
        format!("{what}: wrote {rows:?}; failed: {failed:?}")
    })?;
    let right = failed.len() == faults.len() && failed.iter().all(|f| f.cause.contains(FAULT));
    subject.on_every_rank(right, || format!("{what}: failed: {failed:?}"))
}

fn while_set_up<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    way: Way,
    plan: Plan,
) -> Verdict {
    let last = subject.size() - 1;
    let toy = Toy {
        scratch_panics: subject.rank() == last,
        ..Toy::new(LEN)
    };
    let outcome = subject.run(way, &Run::new(&toy, plan), &mut Log::new());
    let ends = subject.ends(&outcome)?;
    let right = ends.iter().enumerate().all(|(rank, end)| match end {
        End::Other(cause) => rank == last && cause.contains(FAULT),
        End::Peer(of, cause) => *of == last && cause.contains(FAULT),
        _ => false,
    });
    ensure(right, || format!("{way:?}, {plan:?}, no scratch: {ends:?}"))
}
