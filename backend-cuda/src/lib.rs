//! Runs jobwise kernels on CUDA devices.
//!
//! [`Cuda`] is a device: [`Cuda::open`] finds the driver and the device, or says plainly what is missing. A kernel for it
//! implements `Kernel<Cuda>`; the backend that drives such kernels comes with the first of them.

mod device;
mod probe;

pub use device::{Cuda, Missing};
pub use probe::Characteristics;
