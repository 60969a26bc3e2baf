use jobwise_core::{Cause, CpuKernel, Reduce, Signature, Sink, Workload};

/// Items that take no time, so that what is measured is the engine.
#[derive(Clone, Copy, Debug)]
pub struct Empty {
    /// How many.
    pub len: usize,
}

impl Signature for Empty {
    type Item<'t> = usize;
    type Output = u64;
}

impl Workload for Empty {
    fn len(&self) -> usize {
        self.len
    }

    fn read(&self, index: usize) -> Result<usize, Cause> {
        Ok(index)
    }
}

impl CpuKernel for Empty {
    type Scratch = ();

    fn scratch(&self) -> Result<(), Cause> {
        Ok(())
    }

    fn compute(&self, _: usize, item: usize, (): &mut ()) -> Result<u64, Cause> {
        Ok(item as u64)
    }
}

/// Counts outputs and adds them up, to see that all came, and keeps none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Discard {
    /// How many came.
    pub count: usize,
    /// Their sum.
    pub sum: u64,
}

impl Sink<u64> for Discard {
    fn write(&mut self, _: usize, output: u64) -> Result<(), Cause> {
        self.count += 1;
        self.sum += output;
        Ok(())
    }
}

/// The sum of all outputs.
#[derive(Clone, Copy, Debug)]
pub struct Sum;

impl Reduce<u64> for Sum {
    type Acc = u64;

    fn identity(&self) -> u64 {
        0
    }

    fn fold(&self, acc: &mut u64, _: usize, output: u64) {
        *acc += output;
    }

    fn merge(&self, left: &mut u64, right: u64) {
        *left += right;
    }
}
