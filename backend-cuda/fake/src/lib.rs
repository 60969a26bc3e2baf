//! For tests only: a CUDA driver and a CUDA compiler that compute on the CPU.
//!
//! Two libraries, `libcuda.so` and `libnvrtc.so`, are built by `g++` when a test first needs them.
//! The compiler is `g++` too: an image is a shared object, and each thread of a block is a fiber.
//! What calls them does not know: cudarc, the search for libraries, the cache of images are tested
//! as they are.
//!
//! * Nothing that is enqueued on a stream runs before somebody waits for it or asks.
//! * Memory is poisoned, and a guard lies behind each buffer, on the device, on the host and in the
//!   shared memory of a block: who reaches beyond gets `CUDA_ERROR_ILLEGAL_ADDRESS`.
//! * Devices are apart: memory of one is an illegal address on another.
//! * Threads and blocks run in ascending, descending or random order; streams run side by side.
//! * Faults: the n-th allocation or launch fails, the device is lost, a launch never ends (see
//!   `cpp/options.h` for all).
//! * [`Run`] runs one kernel without a driver, in any order, and under `ThreadSanitizer`, which
//!   sees races within a block and between blocks.
//!
//! Nothing is said about time, registers, or the rounding of approximate functions.

mod driver;
mod kernels;
mod libraries;

pub use driver::{Driver, environment, environment_without_compiler, install};
pub use kernels::{Argument, Compiled, Outcome, Run};
pub use libraries::library_dir;
