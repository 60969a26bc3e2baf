//! What a pool holds at once when items are slow: two hand-outs of one item for each lane.

use std::time::Duration;

use jobwise_core::{Backend, Cause, CpuKernel, Next, Scheduler, Signature, Workload};
use jobwise_serial::Threads;

/// Items of a millisecond, far longer than what the pool hands out in crowds, and a longer one at
/// the end.
struct Slow;

impl Signature for Slow {
    type Item<'t> = ();
    type Output = ();
}

impl Workload for Slow {
    fn len(&self) -> usize {
        200
    }

    fn read(&self, _: usize) -> Result<(), Cause> {
        Ok(())
    }
}

impl CpuKernel for Slow {
    type Scratch = ();

    fn scratch(&self) -> Result<(), Cause> {
        Ok(())
    }

    fn compute(&self, index: usize, (): (), (): &mut ()) -> Result<(), Cause> {
        let last = index + 1 == self.len();
        std::thread::sleep(Duration::from_millis(if last { 100 } else { 1 }));
        Ok(())
    }
}

/// Hands out what is wanted and counts.
struct Counting {
    started: usize,
    done: usize,
    most: usize,
    /// Calls of `next` after everything was handed out.
    after: usize,
}

impl Scheduler<()> for Counting {
    fn next(&mut self, want: usize) -> Next {
        if self.started == Slow.len() {
            self.after += 1;
            return if want == 0 {
                Next::Wait
            } else {
                Next::Finished
            };
        }
        if want == 0 {
            return Next::Wait;
        }
        let items = self.started..(self.started + want).min(Slow.len());
        self.started = items.end;
        self.most = self.most.max(self.started - self.done);
        Next::Start(items.into())
    }

    fn done(&mut self, _: usize, outcome: Result<(), Cause>) {
        assert!(outcome.is_ok());
        self.done += 1;
    }
}

#[test]
fn slow_items_are_two_for_each_lane() {
    for lanes in [1, 2, 5] {
        let mut scheduler = Counting {
            started: 0,
            done: 0,
            most: 0,
            after: 0,
        };
        let threads = Threads::new(Some(lanes));
        threads
            .drive(&Slow, &|index| Slow.read(index), &mut scheduler)
            .unwrap();
        assert_eq!(scheduler.done, Slow.len());
        assert!(
            scheduler.most <= 2 * lanes,
            "{} on {lanes} lanes",
            scheduler.most
        );
        // The engine looks after its peers also while the last items are computed.
        assert!(
            scheduler.after > 4,
            "{} looks, {lanes} lanes",
            scheduler.after
        );
    }
}
