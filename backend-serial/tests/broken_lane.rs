//! A lane that cannot start is an error, also when it says so after the other lanes did everything.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jobwise_core::{Cause, CpuKernel, Engine, Error, Memory, Signature, Workload};
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
    let threads = Threads::new(Some(2)).unwrap();
    let outcome = Engine::new(&threads).write(&OneScratch::default(), &mut Memory::new());
    assert!(matches!(outcome, Err(Error::Backend(_))), "{outcome:?}");
}
