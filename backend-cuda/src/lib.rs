//! Runs jobwise kernels on CUDA devices.
//!
//! [`Cuda`] is a device: [`Cuda::open`] finds the driver and the device, or says plainly what is
//! missing. A kernel for it implements `Kernel<Cuda>`, and [`CudaBackend`] drives it on one lane.

mod backend;
mod device;
mod probe;

pub use backend::CudaBackend;
pub use device::{Cuda, Missing};
pub use probe::Characteristics;
