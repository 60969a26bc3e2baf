//! An item's error reaches every rank, with the lowest failing rank and the item's index.

use super::log::Log;
use super::plan::Plan;
use super::subject::{End, Run, Way};
use super::toy::{FAULT, Fault, Toy};
use super::{Subject, Verdict, ensure};
use crate::{Backend, Cpu};

const LEN: usize = 40;

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device = Cpu>>(subject: &Subject<'_, B>) -> Verdict {
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
            // Ranks far apart fail at about the same time.
            let both = [(2, Fault::Compute), (LEN - 2, Fault::Read)];
            fails(subject, way, plan, &both)?;
        }
    }
    Ok(())
}

fn fails<B: Backend<Device = Cpu>>(
    subject: &Subject<'_, B>,
    way: Way,
    plan: Plan,
    faults: &[(usize, Fault)],
) -> Verdict {
    let toy = Toy::failing(LEN, faults);
    let outcome = subject.run(way, &Run::new(&toy, plan), &mut Log::new());
    let ends = subject.ends(&outcome)?;
    let lowest = ends.iter().position(|end| matches!(end, End::Item(..)));
    let right = ends.iter().all(|end| match end {
        End::Item(index, cause) => {
            faults.iter().any(|(at, _)| at == index) && cause.contains(FAULT)
        }
        End::Peer(rank, cause) => Some(*rank) == lowest && cause.contains(FAULT),
        _ => false,
    });
    ensure(right && lowest.is_some(), || {
        format!("{way:?}, {plan:?}, {faults:?}: {ends:?}")
    })
}
