//! When lanes start; and one that cannot is an error, also when it says so after the other lanes
//! did everything.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jobwise_core::{Backend, Cause, CpuKernel, Engine, Error, Memory, Signature, Workload};
use jobwise_serial::Threads;

/// Its second scratch fails, after a while.
#[derive(Default)]
struct OneScratch(AtomicUsize);

impl Signature for OneScratch {
    type Item<'t> = ();
    type Output = ();
}

impl Workload for OneScratch {
    fn len(&self) -> usize {
        3
    }

    fn read(&self, _: usize) -> Result<(), Cause> {
        Ok(())
    }
}

impl CpuKernel for OneScratch {
    type Scratch = ();

    fn scratch(&self) -> Result<(), Cause> {
        if self.0.fetch_add(1, Ordering::SeqCst) == 0 {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
        Err("no memory for a second lane".into())
    }

    fn compute(&self, _: usize, (): (), (): &mut ()) -> Result<(), Cause> {
        Ok(())
    }
}

#[test]
fn a_lane_that_breaks_late_is_an_error() {
    let threads = Threads::new(Some(2));
    let outcome = Engine::new(&threads).write(&OneScratch::default(), &mut Memory::new());
    assert!(matches!(outcome, Err(Error::Backend(_))), "{outcome:?}");
}

/// The threads of this process that are called so.
fn threads_called(name: &str) -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")));
    names.flatten().filter(|comm| comm.trim() == name).count()
}

#[test]
fn threads_start_when_something_is_driven() {
    // No other pool here has so many lanes.
    let (threads, last) = (Threads::new(Some(7)), "lane-6");
    assert_eq!(threads.lanes(), 7);
    assert_eq!(threads_called(last), 0);
    let _ = Engine::new(&threads).write(&OneScratch::default(), &mut Memory::new());
    assert_eq!(threads_called(last), 1);
}
