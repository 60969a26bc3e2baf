//! A run that is to stop keeps what is finished at once, while an item that was begun goes on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use jobwise_core::{
    Across, Cause, Comm, CpuKernel, Engine, LocalCluster, Memory, Signature, Sink, Workload,
};
use jobwise_serial::Threads;

/// Items of two ranks with two lanes each: the first goes on until what is finished is kept, for
/// ten seconds at most; the last one fails when the first rank has finished another.
#[derive(Default)]
struct Items {
    is_finished: AtomicBool,
    is_kept: AtomicBool,
}

const LEN: usize = 4;
const PATIENCE: Duration = Duration::from_secs(10);

fn wait_for(flag: &AtomicBool) -> bool {
    let begun = Instant::now();
    while !flag.load(Ordering::SeqCst) && begun.elapsed() < PATIENCE {
        sleep(Duration::from_millis(1));
    }
    flag.load(Ordering::SeqCst)
}

impl Signature for Items {
    type Item<'k> = ();
    type Output = bool;
}

impl Workload for Items {
    fn len(&self) -> usize {
        LEN
    }

    fn read(&self, _: usize) -> Result<(), Cause> {
        Ok(())
    }
}

impl CpuKernel for Items {
    type Scratch = ();

    fn scratch(&self) -> Result<(), Cause> {
        Ok(())
    }

    fn compute(&self, index: usize, (): (), (): &mut ()) -> Result<bool, Cause> {
        match index {
            0 => Ok(wait_for(&self.is_kept)),
            3 if wait_for(&self.is_finished) => Err("the last item fails".into()),
            _ => Ok(true),
        }
    }
}

/// A sink that says when it has something, and when that is kept.
struct Telling<'i>(Memory<bool>, &'i Items);

impl Sink<bool> for Telling<'_> {
    fn write(&mut self, index: usize, output: bool) -> Result<(), Cause> {
        if index == 1 {
            self.1.is_finished.store(true, Ordering::SeqCst);
        }
        self.0.write(index, output)
    }

    fn commit(&mut self, fresh: &[usize]) -> Result<(), Cause> {
        if fresh.contains(&1) {
            self.1.is_kept.store(true, Ordering::SeqCst);
        }
        self.0.commit(fresh)
    }
}

#[test]
fn what_is_finished_is_kept_before_the_items_at_work_end() {
    let items = Items::default();
    let outcomes = LocalCluster::run(2, |comm| {
        let rank = comm.rank();
        let ranks = Across::new(comm, Threads::new(Some(2)));
        let mut sink = Telling(Memory::new(), &items);
        let engine = Engine::new(&ranks).checkpoint(Duration::from_hours(1));
        let outcome = engine.write(&items, &mut sink);
        (rank, outcome.is_err(), sink.0.rows.get(&0).copied())
    });
    let outcomes: Vec<_> = outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap())
        .collect();
    assert_eq!(outcomes[0], (0, true, Some(true)));
    assert!(outcomes[1].1);
}
