//! An item's error reaches every rank, with the lowest failing rank and the item's index.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::log::Log;
use super::plan::Plan;
use super::subject::{End, Run, Way};
use super::toy::{FAULT, Fault, Toy};
use super::{Subject, ToyDevice, Verdict, ensure};
use crate::Backend;

const LEN: usize = 40;

/// Longer than ranks need to start.
const PAUSE: Duration = Duration::from_millis(10);

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    let single: [&[(usize, Fault)]; 4] = [
        &[(0, Fault::Read)],
        &[(17, Fault::Compute)],
        &[(LEN - 1, Fault::PanicInRead)],
        &[(LEN / 2, Fault::PanicInCompute)],
    ];
    for plan in Plan::dealings(3) {
        for way in Way::ALL {
            for faults in single {
                fails(subject, way, plan, faults)?;
            }
        }
    }
    // Every rank but the first fails at its first item, all at about the same time.
    let [fixed, ..] = Plan::dealings(1);
    let first = LEN / subject.size() + 1;
    let all: Vec<_> = (first..LEN).map(|i| (i, Fault::Compute)).collect();
    for way in Way::ALL.into_iter().filter(|_| subject.size() > 1) {
        fails(subject, way, fixed, &all)?;
    }
    Ok(())
}

fn fails<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    way: Way,
    plan: Plan,
    faults: &[(usize, Fault)],
) -> Verdict {
    let toy = Toy {
        pause: (PAUSE, 0..if faults.len() > 1 { LEN } else { 0 }),
        ..Toy::failing(LEN, faults)
    };
    let outcome = subject.run(way, &Run::new(&toy, plan), &mut Log::new());
    let ends = subject.ends(&outcome)?;
    // A rank that has read a bad item has failed; with several of them, the lowest reports.
    let met = |(index, _): &(usize, Fault)| toy.reads[*index].load(Ordering::SeqCst) > 0;
    let failed = subject.gathered(faults.iter().any(met))?;
    let lowest = failed.iter().position(|failed| *failed);
    let right = ends.iter().enumerate().all(|(rank, end)| match end {
        End::Item(index, cause) => {
            Some(rank) == lowest
                && faults.iter().any(|(bad, _)| bad == index)
                && cause.contains(FAULT)
        }
        End::Peer(of, cause) => {
            Some(rank) != lowest && Some(*of) == lowest && cause.contains(FAULT)
        }
        _ => false,
    });
    ensure(right, || {
        format!("{way:?}, {plan:?}, {faults:?}: ranks that failed {failed:?}, ends {ends:?}")
    })
}
