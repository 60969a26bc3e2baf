//! Policy `Stop` stops the other ranks soon: they finish what is in flight and start nothing more.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::log::Log;
use super::plan::Plan;
use super::subject::{End, Run, Way};
use super::toy::{Fault, Toy};
use super::{Subject, ToyDevice, Verdict, ensure};
use crate::Backend;

/// Items of each lane, and how long one takes: together far longer than it takes to stop.
const EACH: usize = 300;
const PAUSE: Duration = Duration::from_millis(2);

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    let lanes: usize = subject.total(subject.lanes())?;
    let len = EACH * lanes;
    for way in Way::ALL {
        for plan in Plan::dealings(1) {
            // The first item of the first rank, which reads it at once.
            let toy = Toy {
                pause: (PAUSE, 0..len),
                ..Toy::failing(len, &[(0, Fault::Read)])
            };
            let mut log = Log::new();
            let outcome = subject.run(way, &Run::new(&toy, plan), &mut log);
            let ends = subject.ends(&outcome)?;
            ensure(!ends.contains(&End::Fine), || {
                format!("{way:?}, {plan:?}: {ends:?}")
            })?;
            let computed = computed(&toy);
            let computed = subject.total(computed)?;
            ensure(computed < len / 2, || {
                format!("{way:?}, {plan:?}: {computed} of {len} items after the first failed")
            })?;
            let committed = log.committed.len() == log.rows.len();
            subject.on_every_rank(committed, || {
                format!("{way:?}, {plan:?}: rows were written and not committed")
            })?;
        }
    }
    Ok(())
}

pub(super) fn computed(toy: &Toy) -> usize {
    let counts = toy
        .computes
        .iter()
        .map(|n| n.load(Ordering::SeqCst) as usize);
    counts.sum()
}
