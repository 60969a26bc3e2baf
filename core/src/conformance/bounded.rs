//! Items and outputs in memory are bounded: at most `2 * lanes * grain` on each rank, and on the
//! way to root 64 more of each worker.

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::log::Log;
use super::plan::Plan;
use super::subject::{Run, Way};
use super::toy::{Row, Toy};
use super::{Subject, ToyDevice, Verdict};
use crate::{Backend, Cause, Sink};

/// Outputs of one worker that root has not taken, as `write_at_root` promises.
const CREDIT: usize = 64;

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    let bound = 2 * subject.lanes() * subject.grain();
    // Enough for each rank to break the bound.
    let len = subject.gathered(3 * bound)?.iter().sum::<usize>() + 1;
    for plan in [1, 64].into_iter().flat_map(Plan::dealings) {
        for way in Way::WITH_SINK {
            alive(subject, way, plan, &Toy::new(len), bound)?;
        }
    }
    // The first item of the one block holds up all others: as many again may wait to be folded.
    let stuck = Toy::slow(len, Duration::from_millis(50), 0..1);
    let [one_block, ..] = Plan::dealings(len);
    alive(subject, Way::Reduce, one_block, &stuck, 2 * bound)?;
    for plan in Plan::dealings(1) {
        on_the_way_to_root(subject, plan, bound, len)?;
    }
    Ok(())
}

/// No rank ever holds more than `bound` items and outputs, though its sink stalls.
fn alive<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    way: Way,
    plan: Plan,
    toy: &Toy,
    bound: usize,
) -> Verdict {
    let mut slow = Stalling::new(50, Duration::from_millis(20));
    let outcome = subject.run(way, &quick(toy, plan), &mut slow);
    subject.fine(outcome, &format!("{way:?}, {plan:?}"))?;
    let most = toy.most_alive();
    subject.on_every_rank(most <= bound, || {
        format!("{way:?}, {plan:?}: {most} alive at once, at most {bound} allowed")
    })
}

/// Until root has written its first row, where its sink stalls, a worker goes on only until its
/// credit is used up.
fn on_the_way_to_root<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    plan: Plan,
    bound: usize,
    len: usize,
) -> Verdict {
    let len = len + 4 * CREDIT * subject.size();
    let toy = Toy {
        starts: Some(Mutex::default()),
        ..Toy::new(len)
    };
    let mut slow = Stalling::new(1, Duration::from_millis(50));
    let outcome = subject.run(Way::AtRoot, &quick(&toy, plan), &mut slow);
    subject.fine(outcome, &format!("{plan:?}"))?;
    // The clocks of ranks on one machine agree; those of others by far better than the stall.
    let stalls = subject.gathered(slow.stall)?;
    let (_, end) = stalls[0];
    let started: Vec<u64> = toy
        .starts
        .into_iter()
        .flat_map(Mutex::into_inner)
        .flatten()
        .collect();
    let ahead = started.iter().filter(|&&at| at < end).count();
    let kept = subject.rank() == 0 || ahead <= bound + CREDIT;
    subject.on_every_rank(kept, || {
        format!(
            "{plan:?}: until root had its first row, a worker computed {ahead}; at most {bound} \
             and the credit of {CREDIT} are allowed"
        )
    })
}

fn quick<'a>(toy: &'a Toy, plan: Plan<'a>) -> Run<'a> {
    Run {
        checkpoint: Duration::from_hours(1),
        ..Run::new(toy, plan)
    }
}

/// Nanoseconds since 1970.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_nanos() as u64)
}

/// A sink that stops for a while at one row.
pub(super) struct Stalling {
    log: Log,
    at: usize,
    pause: Duration,
    /// From when to when.
    pub(super) stall: (u64, u64),
}

impl Stalling {
    pub(super) fn new(at: usize, pause: Duration) -> Self {
        Stalling {
            log: Log::new(),
            at,
            pause,
            stall: (0, 0),
        }
    }
}

impl Sink<Row> for Stalling {
    fn write(&mut self, index: usize, row: Row) -> Result<(), Cause> {
        self.log.write(index, row)?;
        if self.log.rows.len() == self.at {
            self.stall.0 = now();
            std::thread::sleep(self.pause);
            self.stall.1 = now();
        }
        Ok(())
    }
}
