use std::sync::Arc;

use cudarc::driver::sys::CUfunction_attribute as Attribute;
use cudarc::driver::{
    CudaFunction, CudaStream, DriverError, LaunchArgs, LaunchConfig, PushKernelArg,
};

/// A kernel of an [`Image`](crate::Image).
#[derive(Clone, Debug)]
pub struct Function(CudaFunction);

impl Function {
    pub(crate) fn new(function: CudaFunction) -> Function {
        Function(function)
    }

    /// Lets blocks of the kernel have so many bytes of dynamic shared memory, which is needed
    /// beyond 48 kB.
    ///
    /// # Errors
    /// When the device has less.
    pub fn allow_shared(&self, bytes: usize) -> Result<(), DriverError> {
        let most = Attribute::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
        let bytes = i32::try_from(bytes).unwrap_or(i32::MAX);
        self.0.set_attribute(most, bytes)
    }

    /// Prepares a launch on `stream`; the shared memory is the dynamic one, in bytes for each
    /// block.
    pub fn on<'a>(
        &'a self,
        stream: &'a Arc<CudaStream>,
        grid: [u32; 3],
        block: [u32; 3],
        shared: u32,
    ) -> Launch<'a> {
        Launch {
            args: stream.launch_builder(&self.0),
            shape: LaunchConfig {
                grid_dim: grid.into(),
                block_dim: block.into(),
                shared_mem_bytes: shared,
            },
        }
    }
}

/// A launch of a kernel, and the arguments it got so far.
#[derive(Debug)]
pub struct Launch<'a> {
    args: LaunchArgs<'a>,
    shape: LaunchConfig,
}

impl<'a> Launch<'a> {
    /// The next argument: a buffer or a part of one (`&CudaSlice`, `&mut CudaSlice`, views), or a
    /// number by reference, of exactly the type that the kernel has there.
    #[must_use]
    pub fn arg<T>(mut self, argument: T) -> Self
    where
        LaunchArgs<'a>: PushKernelArg<T>,
    {
        self.args.arg(argument);
        self
    }

    /// Enqueues the launch.
    ///
    /// A kernel is trusted like the program that it is a part of: it must have these parameters and
    /// stay within its buffers. The driver for tests has a guard behind each buffer and knows the
    /// parameters of every kernel.
    ///
    /// # Errors
    /// When the driver refuses, or an earlier launch failed.
    pub fn enqueue(mut self) -> Result<(), DriverError> {
        // SAFETY: kernels are text of this program, launched by the room that they are in with the
        // parameters that they have, and tested to stay within their buffers. They reach memory of
        // the device only, which holds numbers for which any bits are a value.
        unsafe { self.args.launch(self.shape) }.map(drop)
    }
}
