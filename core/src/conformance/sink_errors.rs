//! A sink's error on one rank reaches every rank, whichever call fails and however far the other
//! ranks are.

use super::log::{Log, SinkFault};
use super::plan::Plan;
use super::subject::{End, Run, Way};
use super::toy::{FAULT, Fault, Toy};
use super::{Subject, ToyDevice, Verdict};
use crate::{Backend, OnError, Ordered};

/// Enough that root is through with its own part when the last third arrives, and workers use up
/// their credit.
const LEN: usize = 400;
const FAULTS: [SinkFault; 7] = [
    SinkFault::Done,
    SinkFault::Limit(1),
    SinkFault::Limit(20),
    SinkFault::Write(0),
    SinkFault::Write(LEN * 2 / 3),
    SinkFault::Commit,
    SinkFault::Failed,
];

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    for plan in Plan::dealings(1) {
        for fault in FAULTS {
            for ordered in [false, true] {
                check(subject, Way::AtRoot, plan, 0, fault, ordered)?;
            }
            // Here a rank has a share of the rows only.
            if fault != SinkFault::Write(LEN * 2 / 3) {
                check(subject, Way::Write, plan, subject.size() - 1, fault, false)?;
            }
        }
    }
    Ok(())
}

fn check<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    way: Way,
    plan: Plan,
    at: usize,
    fault: SinkFault,
    ordered: bool,
) -> Verdict {
    // Every other item fails where the sink is to be told of it, so that every rank has some.
    let faults: Vec<(usize, Fault)> = (0..LEN).step_by(2).map(|i| (i, Fault::Read)).collect();
    let toy = match fault {
        SinkFault::Failed => Toy::failing(LEN, &faults),
        _ => Toy::new(LEN),
    };
    let mut log = Log::with_fault((subject.rank() == at).then_some(fault));
    let run = Run {
        on_error: OnError::Skip,
        ..Run::new(&toy, plan)
    };
    let outcome = if ordered {
        subject.run(way, &run, &mut Ordered::new(&mut log, 5))
    } else {
        subject.run(way, &run, &mut log)
    };
    let ends = subject.ends(&outcome)?;
    let right = ends.iter().enumerate().all(|(rank, end)| match end {
        End::Other(cause) => rank == at && cause.contains(FAULT),
        End::Peer(of, cause) => rank != at && *of == at && cause.contains(FAULT),
        // With claims the rank may have come too late to get a row.
        End::Fine => way == Way::Write && ends.iter().all(|end| *end == End::Fine) && idle(&log),
        _ => false,
    });
    subject.on_every_rank(right, || {
        format!(
            "{way:?}, {plan:?}, {fault:?} on rank {at}, ordered {ordered}: the ranks ended \
             with {ends:?}"
        )
    })
}

/// Whether the failing call cannot have come.
fn idle(log: &Log) -> bool {
    match log.fault {
        None => true,
        Some(SinkFault::Failed) => log.failed.is_empty(),
        Some(SinkFault::Limit(from)) => log.limits < from,
        Some(_) => log.rows.is_empty(),
    }
}
