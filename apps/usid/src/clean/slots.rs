use std::sync::Arc;

use jobwise_core::Cause;
use jobwise_cuda::driver::{
    CudaSlice, CudaStream, DeviceRepr, DriverError, PinnedHostSlice, ValidAsZeroBits,
};
use jobwise_cuda::{Cuda, Fault};

/// Numbers of the items of a batch, on the host and on a device: a slot for each item, all of one
/// length.
#[derive(Debug)]
pub(super) struct Slots<T> {
    length: usize,
    host: PinnedHostSlice<T>,
    device: CudaSlice<T>,
}

impl<T: Copy + DeviceRepr + ValidAsZeroBits> Slots<T> {
    /// Bytes of a slot, on the host as on the device.
    pub(super) fn bytes(length: usize) -> usize {
        length * size_of::<T>()
    }

    /// For `room` items of `length` numbers, all 0.
    pub(super) fn new(
        device: &Cuda,
        stream: &Arc<CudaStream>,
        room: usize,
        length: usize,
    ) -> Result<Slots<T>, Fault> {
        // A buffer has at least one number.
        let count = (room * length).max(1);
        Ok(Slots {
            length,
            host: device.pinned(count)?,
            device: stream.alloc_zeros(count)?,
        })
    }

    /// Puts the first numbers of an item into its slot on the host.
    pub(super) fn put(&mut self, slot: usize, numbers: &[T]) -> Result<(), Cause> {
        let place = &mut self.host.as_mut_slice()?[slot * self.length..][..self.length];
        place[..numbers.len()].copy_from_slice(numbers);
        Ok(())
    }

    /// The numbers of an item on the host.
    pub(super) fn get(&self, slot: usize) -> Result<&[T], Cause> {
        Ok(&self.host.as_slice()?[slot * self.length..][..self.length])
    }

    /// Enqueues a copy of the first `used` slots to the device.
    pub(super) fn send(
        &mut self,
        stream: &Arc<CudaStream>,
        used: usize,
    ) -> Result<(), DriverError> {
        let numbers = &self.host.as_slice()?[..used * self.length];
        stream.memcpy_htod(numbers, &mut self.device)
    }

    /// Enqueues a copy of the first `used` slots to the host.
    pub(super) fn fetch(
        &mut self,
        stream: &Arc<CudaStream>,
        used: usize,
    ) -> Result<(), DriverError> {
        let numbers = self.device.slice(..used * self.length);
        stream.memcpy_dtoh(&numbers, &mut self.host)
    }

    /// Where kernels read.
    pub(super) fn on_device(&self) -> &CudaSlice<T> {
        &self.device
    }

    /// Where kernels write.
    pub(super) fn on_device_mut(&mut self) -> &mut CudaSlice<T> {
        &mut self.device
    }
}
