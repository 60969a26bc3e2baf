use jobwise_core::{Cpu, Device, Kernel, Workload};
use jobwise_hdf5::row_store::Rows;

use super::soundings::Soundings;

/// A device that has a kernel for the soundings of a run.
pub(super) trait ChainDevice: Device + Sized {
    /// The kernel.
    type Kernel<'r>: Workload + Kernel<Self, Output = Rows>;

    /// The kernel for these soundings.
    fn kernel(soundings: Soundings<'_>) -> Self::Kernel<'_>;
}

impl ChainDevice for Cpu {
    type Kernel<'r> = Soundings<'r>;

    fn kernel(soundings: Soundings<'_>) -> Soundings<'_> {
        soundings
    }
}

#[cfg(feature = "cuda")]
impl ChainDevice for jobwise_cuda::Cuda {
    type Kernel<'r> = jobwise_cuda::OnCuda<Soundings<'r>>;

    fn kernel(soundings: Soundings<'_>) -> Self::Kernel<'_> {
        jobwise_cuda::OnCuda(soundings)
    }
}
