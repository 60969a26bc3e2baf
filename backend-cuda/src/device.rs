use std::sync::Arc;

use cudarc::driver::{CudaContext, DriverError, sys};
use jobwise_core::Device;

/// A CUDA device with its primary context. Clones share it.
#[derive(Clone, Debug)]
pub struct Cuda {
    context: Arc<CudaContext>,
    name: String,
}

/// Why there is no device to use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Missing {
    /// No driver library on this machine.
    #[error("no CUDA driver on this machine (libcuda is not installed); use --backend threads")]
    Driver,
    /// A driver, but no such device.
    #[error("no CUDA device {index}: this machine has {count}")]
    Device {
        /// The device asked for.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// The driver refused.
    #[error("the CUDA driver refused: {0}")]
    Refused(DriverError),
}

impl Cuda {
    /// How many devices this machine has.
    ///
    /// # Errors
    /// [`Missing::Driver`] without a driver, [`Missing::Refused`] when the driver fails.
    pub fn count() -> Result<usize, Missing> {
        // Asked before any other call: without the library, the others panic.
        // SAFETY: looks for the library and calls nothing in it.
        if !unsafe { sys::is_culib_present() } {
            return Err(Missing::Driver);
        }
        let count = CudaContext::device_count().map_err(Missing::Refused)?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Opens device `index`.
    ///
    /// # Errors
    /// When there is no driver or no such device, or the driver refuses.
    pub fn open(index: usize) -> Result<Cuda, Missing> {
        let count = Self::count()?;
        if index >= count {
            return Err(Missing::Device { index, count });
        }
        let context = CudaContext::new(index).map_err(Missing::Refused)?;
        let name = context.name().map_err(Missing::Refused)?;
        Ok(Cuda { context, name })
    }

    /// The device's name, as the driver tells it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The context, for kernels' streams and buffers.
    pub fn context(&self) -> &Arc<CudaContext> {
        &self.context
    }
}

impl Device for Cuda {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_a_device_gets_a_clear_answer() {
        match Cuda::count() {
            Err(missing) => assert!(missing.to_string().contains("CUDA driver")),
            Ok(count) => {
                let error = Cuda::open(count).unwrap_err().to_string();
                assert!(
                    error.contains(&format!("no CUDA device {count}")),
                    "{error}"
                );
            }
        }
    }
}
