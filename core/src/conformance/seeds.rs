//! Randomness comes from (seed, index): the index is that of the task, whatever the job, the rank
//! or the resumed run.

use super::log::Log;
use super::plan::Plan;
use super::subject::{Run, Way};
use super::toy::{Toy, value};
use super::{Subject, ToyDevice, Verdict, ensure};
use crate::Backend;

const LEN: usize = 50;

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    for seed in [1, 0xfeed] {
        for plan in Plan::dealings(3) {
            // Three jobs, the second in two sessions, instead of one.
            let mut rows = Vec::new();
            for (job, done) in [(0, None), (1, Some(true)), (1, Some(false)), (2, None)] {
                let toy = Toy {
                    seed,
                    ..Toy::new(LEN)
                };
                let mut log = Log::new();
                log.complete = (0..LEN).filter(|i| done == Some(i % 2 == 0)).collect();
                let run = Run::new(&toy, plan.of_job(job, 3));
                let outcome = subject.run(Way::Write, &run, &mut log);
                subject.fine(outcome, &format!("{plan:?}, job {job}"))?;
                rows.extend(subject.all_rows(log.sorted())?);
            }
            rows.sort_unstable();
            let expected = (0..LEN).map(|i| (i, value(seed, i).to_bits()));
            ensure(rows.iter().copied().eq(expected), || {
                format!("seed {seed}, {plan:?}: drew {rows:?}")
            })?;
        }
    }
    Ok(())
}
