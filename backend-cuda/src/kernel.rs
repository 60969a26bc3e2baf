use std::sync::Arc;

use cudarc::driver::CudaStream;
use jobwise_core::{Cause, Signature};

use crate::{Cuda, Fault};

/// What the items of a kernel need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Bytes on the device for each lane, however many items it takes: tables, above all.
    pub lane: usize,
    /// Bytes on the device for each item.
    pub item: usize,
    /// Bytes of pinned memory on the host for each item.
    pub pinned: usize,
    /// How many items fill the device: more at once would gain nothing.
    pub useful: usize,
}

/// A computation on CUDA devices: what an author writes. [`OnCuda`](crate::OnCuda) makes it a
/// kernel that backends run.
///
/// The output depends on the kernel, the index and the item, never on the slot, the batch, the
/// lane, the device or the time: orders of reduction are fixed, and atomics on floats are not used.
pub trait CudaKernel: Signature {
    /// Its name, for messages.
    const NAME: &'static str;

    /// What a lane has: functions, tables and buffers on the device, pinned buffers on the host.
    type Lane;

    /// What items need on this device.
    ///
    /// # Errors
    /// Whatever prevents the run.
    fn demand(&self, device: &Cuda) -> Result<Demand, Cause>;

    /// Makes what a lane has, for up to `room` items at once. Buffers belong to `stream`, on which
    /// all is done.
    ///
    /// # Errors
    /// Whatever prevents it. Without memory ([`Fault::Driver`], from `?`) it is called again with
    /// half the room.
    fn lane(
        &self,
        device: &Cuda,
        stream: &Arc<CudaStream>,
        room: usize,
    ) -> Result<Self::Lane, Fault>;

    /// Puts an item into place `slot` of the lane's pinned memory, and touches no other place.
    ///
    /// # Errors
    /// Those of the item, which go to it alone, as a panic does.
    fn pack<'t>(
        &'t self,
        lane: &mut Self::Lane,
        slot: usize,
        index: usize,
        item: &Self::Item<'t>,
    ) -> Result<(), Cause>;

    /// Enqueues what computes the slots `0..used`: copies to the device, kernels, copies back into
    /// pinned memory. The caller waits for the stream. A kernel that needs results in between waits
    /// by [`Cuda::wait`], which has a time limit, and never otherwise.
    ///
    /// # Errors
    /// Those of the driver or of the batch. A batch that failed is done again item by item, as long
    /// as the device is well.
    fn launch(&self, lane: &mut Self::Lane, used: usize) -> Result<(), Fault>;

    /// The output of the item in place `slot`.
    ///
    /// # Errors
    /// Those of the item, which go to it alone, as a panic does.
    fn unpack<'t>(
        &'t self,
        lane: &mut Self::Lane,
        slot: usize,
        index: usize,
        item: Self::Item<'t>,
    ) -> Result<Self::Output, Cause>;
}
