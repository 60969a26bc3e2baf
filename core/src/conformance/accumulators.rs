//! At most `2 log2(blocks) + lanes` accumulators of a reduction are alive on a rank, whatever the
//! layout and the division.

use std::cell::Cell;
use std::time::Duration;

use super::plan::Plan;
use super::subject::Run;
use super::toy::{Row, Toy};
use super::{Subject, ToyDevice, Verdict};
use crate::{Backend, Reduce, Result, Wire};

/// The numbers of blocks of one item each.
const BLOCKS: [usize; 3] = [5, 1024, 100_000];

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    for blocks in BLOCKS {
        for plan in Plan::dealings(1) {
            count(subject, plan, &Toy::new(blocks))?;
        }
    }
    for plan in Plan::dealings(1) {
        // All others wait for the first.
        let stuck = Toy::slow(BLOCKS[1], Duration::from_millis(30), 0..1);
        count(subject, plan, &stuck)?;
    }
    Ok(())
}

fn count<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    plan: Plan<'_>,
    toy: &Toy,
) -> Verdict {
    let blocks = toy.reads.len();
    ALIVE.set((0, 0));
    let outcome = subject.reduce(&Run::new(toy, plan), &Counted);
    let most = ALIVE.get().1;
    subject.fine(outcome, &format!("{blocks} blocks, {plan:?}"))?;
    let levels = blocks.next_power_of_two().ilog2() as usize;
    let bound = 2 * levels + subject.lanes();
    subject.on_every_rank(most <= bound, || {
        format!("{blocks} blocks, {plan:?}: {most} accumulators, at most {bound} allowed")
    })
}

thread_local! {
    /// Accumulators on this thread, which runs the engine of a rank: now, and the most at once.
    static ALIVE: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// The number of outputs in it.
struct Counter(u64);

impl Counter {
    fn new(outputs: u64) -> Counter {
        let (now, most) = ALIVE.get();
        ALIVE.set((now + 1, most.max(now + 1)));
        Counter(outputs)
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        let (now, most) = ALIVE.get();
        ALIVE.set((now.saturating_sub(1), most));
    }
}

impl Wire for Counter {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        u64::take(input).map(Counter::new)
    }
}

/// Counts outputs.
struct Counted;

impl Reduce<Row> for Counted {
    type Acc = Counter;

    fn identity(&self) -> Counter {
        Counter::new(0)
    }

    fn fold(&self, acc: &mut Counter, _: usize, _: Row) {
        acc.0 += 1;
    }

    fn merge(&self, left: &mut Counter, right: Counter) {
        left.0 += right.0;
    }
}
