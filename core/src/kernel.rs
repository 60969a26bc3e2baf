use crate::Cause;
use crate::panics;

/// What kernels run on. [`Cpu`] is here; other backends bring their own.
pub trait Device {}

/// The host's processors.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu;

impl Device for Cpu {}

/// What a computation takes and what it gives.
pub trait Signature: Sync {
    /// What is read for one item. It may borrow from the computation: nothing need be copied.
    type Item<'t>: Send
    where
        Self: 't;
    /// What is computed from one item.
    type Output: Send;
}

/// What there is to do, where it is known beforehand: `len` independent items, and how to read one.
/// What comes bit by bit is a [`Feed`](crate::Feed).
///
/// Items are read on the lanes, several at once, so a workload guards what it shares between reads.
pub trait Workload: Signature {
    /// The number of items.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads item `index < len`.
    ///
    /// # Errors
    /// Whatever prevents the reading; the engine adds the index.
    fn read(&self, index: usize) -> Result<Self::Item<'_>, Cause>;
}

/// A computation on the host, one item at a time: what an application writes.
///
/// The output may depend on the kernel, the index and the item, never on the scratch's past, the
/// lane, the rank or the time.
pub trait CpuKernel: Signature {
    /// Buffers and plans of one lane. Made on the lane and never moved, so it need not be `Send`.
    type Scratch;

    /// Makes a lane's scratch.
    ///
    /// # Errors
    /// Whatever prevents it; the run ends.
    fn scratch(&self) -> Result<Self::Scratch, Cause>;

    /// Computes one item.
    ///
    /// # Errors
    /// Whatever the item's computation meets; the engine adds the index.
    fn compute(
        &self,
        index: usize,
        item: Self::Item<'_>,
        scratch: &mut Self::Scratch,
    ) -> Result<Self::Output, Cause>;
}

/// Items with their indices, on their way to a device.
pub type Batch<'t, T> = Vec<(usize, <T as Signature>::Item<'t>)>;

/// A computation on a device, a batch at a time: what a backend runs. Every [`CpuKernel`] is a
/// `Kernel<Cpu>`.
pub trait Kernel<D: Device>: Signature {
    /// Tables, plans and buffers that live on the device.
    type Scratch;

    /// Makes one lane's scratch on `device`.
    ///
    /// # Errors
    /// Whatever prevents it; the run ends.
    fn stage(&self, device: &D) -> Result<Self::Scratch, Cause>;

    /// How many items a lane of `device` should be given at once. A backend may give fewer, at the
    /// end of a part, and more.
    fn batch(&self, device: &D) -> usize {
        let _ = device;
        1
    }

    /// Computes a batch and calls `out` once for each of its items, in any order.
    fn compute_batch<'t>(
        &'t self,
        device: &D,
        scratch: &mut Self::Scratch,
        batch: Batch<'t, Self>,
        out: &mut dyn FnMut(usize, Result<Self::Output, Cause>),
    );
}

impl<T: CpuKernel> Kernel<Cpu> for T {
    /// None after a panic, which may leave a scratch half changed: the next item gets a new one.
    type Scratch = Option<T::Scratch>;

    fn stage(&self, _: &Cpu) -> Result<Self::Scratch, Cause> {
        self.scratch().map(Some)
    }

    fn compute_batch<'t>(
        &'t self,
        _: &Cpu,
        scratch: &mut Self::Scratch,
        batch: Batch<'t, T>,
        out: &mut dyn FnMut(usize, Result<T::Output, Cause>),
    ) {
        for (index, item) in batch {
            let computed = panics::caught(|| {
                let scratch = match scratch {
                    Some(scratch) => scratch,
                    None => scratch.insert(self.scratch()?),
                };
                self.compute(index, item, scratch)
            });
            out(
                index,
                computed.unwrap_or_else(|panic| {
                    *scratch = None;
                    Err(panic.into())
                }),
            );
        }
    }
}
