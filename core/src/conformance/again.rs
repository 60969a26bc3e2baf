//! A run after a failed one on the same communicator is not disturbed by it: no interrupt, parcel,
//! permit or claim is left over.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use super::log::{Log, SinkFault};
use super::plan::Plan;
use super::subject::{End, Run, Way};
use super::toy::{Fault, Toy, value};
use super::{Subject, ToyDevice, Verdict, ensure};
use crate::{Backend, Cancel, Ordered};

const LEN: usize = 150;
const WINDOW: usize = 8;
/// Far longer than a run takes.
const LONG: Duration = Duration::from_secs(15);

/// How the first run ends.
#[derive(Clone, Copy, Debug)]
enum First {
    Well,
    ItemsFail,
    SinkFails,
    Cancelled,
}

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    for plan in Plan::dealings(1) {
        for way in Way::ALL {
            for first in [
                First::Well,
                First::ItemsFail,
                First::SinkFails,
                First::Cancelled,
            ] {
                let ends = spoil(subject, way, plan, first)?;
                let what = format!("after {way:?} {first:?} {ends:?}, {plan:?}");
                undisturbed(subject, plan, &what)?;
            }
        }
    }
    Ok(())
}

/// Leaves as much behind as possible: every rank fails, is cancelled, or is far ahead of root.
fn spoil<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    way: Way,
    plan: Plan,
    first: First,
) -> Result<Vec<End>, String> {
    let faults: Vec<_> = (5..LEN)
        .step_by(10)
        .map(|i| (i, Fault::PanicInCompute))
        .collect();
    let toy = match first {
        First::ItemsFail => Toy::failing(LEN, &faults),
        _ => Toy::new(LEN),
    };
    let cancel = Cancel::new();
    let mut log = Log::new();
    match first {
        First::SinkFails => log.fault = Some(SinkFault::Write(LEN / 4)),
        First::Cancelled => log.cancel = Some((5, cancel.clone())),
        First::Well | First::ItemsFail => {}
    }
    let run = Run {
        cancel,
        ..Run::new(&toy, plan)
    };
    let outcome = subject.run(way, &run, &mut log);
    subject.ends(&outcome)
}

/// A run with a narrow window, which a stale permit would widen, on every rank.
fn undisturbed<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    plan: Plan,
    what: &str,
) -> Verdict {
    let (toy, mut log) = (Toy::new(LEN), Log::new());
    let mut ordered = Ordered::new(&mut log, WINDOW);
    let run = Run::new(&toy, plan);
    let outcome = cancelled_when_late(&run.cancel, || subject.run(Way::AtRoot, &run, &mut ordered));
    let rows = log.rows.len();
    subject.on_every_rank(!run.cancel.is_cancelled(), || {
        format!("{what}: the next run wrote {rows} rows and went no further")
    })?;
    subject.fine(outcome, what)?;
    let rows = subject.all_rows(log.sorted())?;
    let expected = (0..LEN).map(|i| (i, value(0, i).to_bits()));
    ensure(rows.iter().copied().eq(expected), || {
        format!("{what}: the next run wrote {rows:?}")
    })
}

/// Runs `run`, and cancels it when it takes too long: what an earlier run left may hold it up.
fn cancelled_when_late<R>(cancel: &Cancel, run: impl FnOnce() -> R) -> R {
    let (ended, waits) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if waits.recv_timeout(LONG) == Err(RecvTimeoutError::Timeout) {
                cancel.cancel();
            }
        });
        let outcome = run();
        drop(ended);
        outcome
    })
}
