//! A cancellation on one rank stops all, soon, and what is written is committed: also when that
//! rank has nothing left to do.

use std::time::Duration;

use super::log::Log;
use super::plan::Plan;
use super::stop::computed;
use super::subject::{End, Run, Way};
use super::toy::Toy;
use super::{Subject, ToyDevice, Verdict, ensure};
use crate::{Backend, Cancel};

/// Items of each lane, and how long one takes: together far longer than it takes to stop.
const EACH: usize = 300;
const PAUSE: Duration = Duration::from_millis(2);

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    let len = EACH * subject.total(subject.lanes())?;
    let last = subject.size() - 1;
    for way in Way::ALL {
        for plan in Plan::dealings(1) {
            for at in [0, last] {
                let toy = Toy::slow(len, PAUSE, 0..len);
                let at = (at, Duration::from_millis(20));
                cancelled(subject, way, plan, at, &toy, Log::new())?;
            }
        }
        // The items of the first rank take no time: it is waiting for the others when it is
        // cancelled.
        if last > 0 {
            let [fixed, ..] = Plan::dealings(1);
            let toy = Toy::slow(len, PAUSE, len / subject.size() + 1..len);
            let at = (0, Duration::from_millis(60));
            cancelled(subject, way, fixed, at, &toy, Log::new())?;
        }
    }
    // Rows arrive at root faster than its sink takes them.
    for plan in Plan::dealings(1) {
        let toy = Toy::slow(len, PAUSE / 4, 0..len);
        let mut slow = Log::new();
        slow.pause = PAUSE / 2;
        let at = (0, Duration::from_millis(20));
        cancelled(subject, Way::AtRoot, plan, at, &toy, slow)?;
    }
    before_the_start(subject)
}

/// Cancels a rank after a while.
fn cancelled<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    way: Way,
    plan: Plan,
    (at, delay): (usize, Duration),
    toy: &Toy,
    mut log: Log,
) -> Verdict {
    let run = Run::new(toy, plan);
    let outcome = std::thread::scope(|scope| {
        if subject.rank() == at {
            let cancel: &Cancel = &run.cancel;
            scope.spawn(move || {
                std::thread::sleep(delay);
                cancel.cancel();
            });
        }
        subject.run(way, &run, &mut log)
    });
    let what = format!("{way:?}, {plan:?}, cancelled on rank {at}");
    let ends = subject.ends(&outcome)?;
    ensure(ends.iter().all(|end| *end == End::Cancelled), || {
        format!("{what}: the ranks ended with {ends:?}")
    })?;
    let (all, len) = (subject.total(computed(toy))?, toy.computes.len());
    let slow = toy.pause.1.len();
    ensure(all < len - slow / 2, || {
        format!("{what}: {all} of {len} items were computed")
    })?;
    let committed = log.committed.len() == log.rows.len();
    subject.on_every_rank(committed, || {
        format!("{what}: rows were written and not committed")
    })
}

fn before_the_start<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    let [plan, ..] = Plan::dealings(1);
    for way in Way::ALL {
        let toy = Toy::new(20);
        let run = Run::new(&toy, plan);
        run.cancel.cancel();
        let outcome = subject.run(way, &run, &mut Log::new());
        let ends = subject.ends(&outcome)?;
        let computed = subject.total(computed(&toy))?;
        let right = ends.iter().all(|end| *end == End::Cancelled) && computed == 0;
        ensure(right, || {
            format!("{way:?}, cancelled before: {computed} computed, {ends:?}")
        })?;
    }
    Ok(())
}
