//! A device that wants many items at once gets at least half of them as a rule, also where blocks
//! are narrow and dealt one by one.

use std::sync::PoisonError;

use super::log::Log;
use super::plan::Plan;
use super::subject::{Run, Way};
use super::toy::Toy;
use super::{Subject, ToyDevice, Verdict};
use crate::Backend;

/// The width of a block in items, as `gmf` has it.
const WIDTH: usize = 5;

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    let len = 20 * subject.total(subject.lanes() * subject.grain())?;
    for plan in Plan::dealings(WIDTH) {
        for way in Way::ALL {
            let toy = Toy::new(len);
            let run = Run {
                checkpoint: std::time::Duration::from_hours(1),
                ..Run::new(&toy, plan)
            };
            // Root's own items wait while it takes those of the others.
            if way == Way::AtRoot && subject.size() > 1 {
                continue;
            }
            let outcome = subject.run(way, &run, &mut Log::new());
            subject.fine(outcome, &format!("{way:?}, {plan:?}"))?;
            let batches = toy.batches.into_inner();
            let batches = batches.unwrap_or_else(PoisonError::into_inner);
            let mut batches = subject.gathered(batches)?.concat();
            batches.sort_unstable();
            let (median, wanted) = batches.get(batches.len() / 2).copied().unwrap_or((0, 1));
            subject.on_every_rank(2 * median >= wanted, || {
                format!("{way:?}, {plan:?}: {median} items at once, {wanted} wanted")
            })?;
        }
    }
    Ok(())
}
