//! Jobs and ranks cover every item, without overlap, also when there are fewer items than parts.

use super::log::Log;
use super::plan::Plan;
use super::subject::{Run, Way};
use super::toy::Toy;
use super::{Subject, ToyDevice, Verdict, ensure};
use crate::{Backend, Job, Layout, Span};

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    parts_are_fair()?;
    for len in [0, 7, 20] {
        for (index, count) in [(0, 1), (0, 3), (1, 3), (2, 3), (0, 25), (24, 25)] {
            for plan in Plan::all().map(|plan| plan.of_job(index, count)) {
                let (toy, mut log) = (Toy::new(len), Log::new());
                let outcome = subject.run(Way::Write, &Run::new(&toy, plan), &mut log);
                subject.fine(outcome, &format!("{plan:?} of {len}"))?;
                let rows = subject.all_rows(log.sorted())?;
                let written: Vec<usize> = rows.iter().map(|(index, _)| *index).collect();
                let expected = plan.items(len);
                ensure(written == expected, || {
                    format!("{plan:?} of {len} wrote {written:?} instead of {expected:?}")
                })?;
            }
        }
    }
    Ok(())
}

/// The jobs' sizes differ by at most one, and the jobs of the reference are all there is.
fn parts_are_fair() -> Verdict {
    for layout in [Layout::Contiguous, Layout::Strided] {
        for len in 0..40 {
            for count in 1..12 {
                let (mut sizes, mut items) = (Vec::new(), Vec::new());
                for index in 0..count {
                    let job = Job::new(index, count).map_err(|e| e.to_string())?;
                    sizes.push(Span::whole(len).part(job, layout).len());
                    let [plan, ..] = Plan::dealings(1);
                    items.extend(Plan { layout, ..plan }.of_job(index, count).items(len));
                }
                items.sort_unstable();
                let fair = sizes.iter().max() <= sizes.iter().min().map(|min| min + 1).as_ref();
                ensure(fair && items.into_iter().eq(0..len), || {
                    format!("{layout:?}: {len} items in {count} jobs of sizes {sizes:?}")
                })?;
            }
        }
    }
    Ok(())
}
