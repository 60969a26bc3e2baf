use std::sync::Arc;

use jobwise_cuda::driver::{
    CudaSlice, CudaStream, DeviceRepr, DriverError, PinnedHostSlice, ValidAsZeroBits,
};
use jobwise_cuda::{Cuda, Fault};

/// Numbers on their way to a device.
pub(super) struct Upload<T> {
    host: PinnedHostSlice<T>,
    device: CudaSlice<T>,
}

impl<T: DeviceRepr + ValidAsZeroBits> Upload<T> {
    pub(super) fn new(
        device: &Cuda,
        stream: &Arc<CudaStream>,
        len: usize,
    ) -> Result<Self, DriverError> {
        Ok(Upload {
            host: device.pinned(len)?,
            device: stream.alloc_zeros(len)?,
        })
    }

    /// Where the next numbers go, once the last ones have been sent.
    pub(super) fn host(&mut self) -> Result<&mut [T], DriverError> {
        self.host.as_mut_slice()
    }

    /// Enqueues the copy of the first `len`.
    pub(super) fn send(&mut self, stream: &Arc<CudaStream>, len: usize) -> Result<(), DriverError> {
        if len == 0 {
            return Ok(());
        }
        stream.memcpy_htod(&self.host.as_slice()?[..len], &mut self.device)
    }

    pub(super) fn device(&self) -> &CudaSlice<T> {
        &self.device
    }
}

/// Numbers on their way back.
pub(super) struct Download<T> {
    host: PinnedHostSlice<T>,
    device: CudaSlice<T>,
}

impl<T: DeviceRepr + ValidAsZeroBits> Download<T> {
    pub(super) fn new(
        device: &Cuda,
        stream: &Arc<CudaStream>,
        len: usize,
    ) -> Result<Self, DriverError> {
        Ok(Download {
            host: device.pinned(len)?,
            device: stream.alloc_zeros(len)?,
        })
    }

    pub(super) fn device(&mut self) -> &mut CudaSlice<T> {
        &mut self.device
    }

    /// Enqueues the copy of the first `len`.
    pub(super) fn fetch(
        &mut self,
        stream: &Arc<CudaStream>,
        len: usize,
    ) -> Result<(), DriverError> {
        let to = &mut self.host.as_mut_slice()?[..len];
        stream.memcpy_dtoh(&self.device.slice(..len), to)
    }

    /// What was fetched, once the stream has been waited for.
    pub(super) fn host(&self) -> Result<&[T], DriverError> {
        self.host.as_slice()
    }
}

/// A table that stays on the device.
pub(super) fn table<T: DeviceRepr>(
    stream: &Arc<CudaStream>,
    numbers: &[T],
) -> Result<CudaSlice<T>, Fault> {
    Ok(stream.clone_htod(numbers)?)
}
