//! What a device is, and whether it computes.

use cudarc::driver::sys::CUdevice_attribute as Attribute;
use cudarc::driver::{DriverError, LaunchConfig, PushKernelArg};
use cudarc::nvrtc::Ptx;

use crate::Cuda;

/// Elements that the self-test adds.
const ELEMENTS: u32 = 16;

/// `sum[i] = a[i] + b[i]`, one thread each. As text for the driver's own compiler, so that nothing
/// but the driver is needed.
const ADDITION: &str = ".version 6.0
.target sm_50
.address_size 64
.visible .entry add_elements(.param .u64 a, .param .u64 b, .param .u64 sum)
{
    .reg .f32 %x, %y;
    .reg .b32 %i;
    .reg .b64 %a, %b, %s, %at;
    ld.param.u64 %a, [a];
    ld.param.u64 %b, [b];
    ld.param.u64 %s, [sum];
    cvta.to.global.u64 %a, %a;
    cvta.to.global.u64 %b, %b;
    cvta.to.global.u64 %s, %s;
    mov.u32 %i, %tid.x;
    mul.wide.u32 %at, %i, 4;
    add.u64 %a, %a, %at;
    add.u64 %b, %b, %at;
    add.u64 %s, %s, %at;
    ld.global.f32 %x, [%a];
    ld.global.f32 %y, [%b];
    add.f32 %x, %x, %y;
    st.global.f32 [%s], %x;
    ret;
}
";

/// What the driver says about a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Characteristics {
    /// Memory clock in kHz; 0 where the driver does not tell.
    pub memory_clock: i32,
    /// Width of the memory bus in bits; 0 where the driver does not tell.
    pub bus_width: i32,
    /// Compute capability, major and minor.
    pub capability: (i32, i32),
}

impl Characteristics {
    /// Peak bandwidth of the memory in GB/s: two transfers per clock.
    pub fn bandwidth(&self) -> f64 {
        2.0 * f64::from(self.memory_clock) * (f64::from(self.bus_width) / 8.0) / 1e6
    }
}

impl Cuda {
    /// Asks the driver what the device is.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn characteristics(&self) -> Result<Characteristics, DriverError> {
        let context = self.context();
        Ok(Characteristics {
            memory_clock: context.attribute(Attribute::CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE)?,
            bus_width: context.attribute(Attribute::CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH)?,
            capability: context.compute_capability()?,
        })
    }

    /// Adds 16 numbers on the device; false when a sum is wrong.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn adds(&self) -> Result<bool, DriverError> {
        let stream = self.context().default_stream();
        let module = self.context().load_module(Ptx::from_src(ADDITION))?;
        let add = module.load_function("add_elements")?;
        // Sums of small whole numbers are exact.
        let a: Vec<f32> = (0..ELEMENTS).map(|i| i as f32).collect();
        let b: Vec<f32> = a.iter().map(|x| 100.0 * x).collect();
        let (device_a, device_b) = (stream.clone_htod(&a)?, stream.clone_htod(&b)?);
        let mut sum = stream.alloc_zeros::<f32>(a.len())?;
        let shape = LaunchConfig {
            grid_dim: (1, 1, 1),
            block_dim: (ELEMENTS, 1, 1),
            shared_mem_bytes: 0,
        };
        let mut launch = stream.launch_builder(&add);
        launch.arg(&device_a).arg(&device_b).arg(&mut sum);
        // SAFETY: the kernel has these three parameters, and each of its ELEMENTS threads reads and
        // writes the element of its own number of arrays that are as long.
        unsafe { launch.launch(shape) }?;
        let sum = stream.clone_dtoh(&sum)?;
        let right = |(sum, a): (&f32, &f32)| sum.to_bits() == (101.0 * a).to_bits();
        Ok(sum.iter().zip(&a).all(right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jobwise_testing::impossible_here;

    #[test]
    fn bandwidth_counts_both_edges_of_the_clock() {
        let device = Characteristics {
            memory_clock: 1_000_000,
            bus_width: 256,
            capability: (9, 0),
        };
        assert!((device.bandwidth() - 64.0).abs() < 1e-12);
    }

    #[test]
    fn a_device_adds_where_there_is_one() {
        let Some(device) = Cuda::open(0)
            .ok()
            .or_else(|| impossible_here("no CUDA device"))
        else {
            return;
        };
        assert_eq!(device.adds(), Ok(true));
        let characteristics = device.characteristics().unwrap();
        assert!(characteristics.capability.0 > 0, "{characteristics:?}");
    }
}
