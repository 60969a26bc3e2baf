//! Runs jobwise kernels on CUDA devices.
//!
//! [`Cuda`] is a device: [`Cuda::open`] finds the driver and the device, or says plainly what is
//! missing. An author writes a [`CudaKernel`], whose sources become an [`Image`] for the device at
//! hand; [`OnCuda`] makes it a kernel, and [`CudaBackend`] drives it on lanes of several devices.
//!
//! | room | what is in it |
//! |---|---|
//! | `device`, `missing` | a device, and why there is none |
//! | `kernel`, `on_cuda`, `room` | what an author writes, and how it runs in batches that fit |
//! | `launch`, `image` | kernels as sources, compiled for a device and kept; launches |
//! | `fault` | errors of the driver; a device that failed for good |
//! | `backend`, `lanes`, `host` | devices and lanes, threads of the host |
//! | `probe` | what a device is, and whether it computes |
//! | `toy` | the kernel of the laws (feature `conformance`) |

mod backend;
mod device;
mod fault;
mod host;
mod image;
mod kernel;
mod lanes;
mod launch;
mod missing;
mod on_cuda;
mod probe;
mod room;
#[cfg(feature = "conformance")]
mod toy;

pub use backend::{CudaBackend, DevicePlan};
pub use cudarc::driver;
pub use device::Cuda;
pub use fault::Fault;
pub use image::{Image, ImageError, Source};
pub use kernel::{CudaKernel, Demand};
pub use launch::{Function, Launch};
pub use missing::Missing;
pub use on_cuda::OnCuda;
pub use probe::Characteristics;
