use jobwise_core::{Cpu, Device, Kernel, Result, Workload};
use jobwise_hdf5::row_store::Rows;
use jobwise_kit::Choice;

use super::soundings::Soundings;

/// A device that has a kernel for the soundings of a run.
pub(super) trait ChainDevice: Device + Sized {
    /// The kernel.
    type Kernel<'r>: Workload + Kernel<Self, Output = Rows>;

    /// The kernel for these soundings.
    fn kernel(soundings: Soundings<'_>) -> Self::Kernel<'_>;

    /// How these soundings would run on it, a line for each device.
    ///
    /// # Errors
    /// They cannot.
    fn plan(choice: &Choice, soundings: &Soundings<'_>) -> Result<String>;
}

impl ChainDevice for Cpu {
    type Kernel<'r> = Soundings<'r>;

    fn kernel(soundings: Soundings<'_>) -> Soundings<'_> {
        soundings
    }

    fn plan(_: &Choice, _: &Soundings<'_>) -> Result<String> {
        Ok(String::new())
    }
}

#[cfg(feature = "cuda")]
impl ChainDevice for jobwise_cuda::Cuda {
    type Kernel<'r> = jobwise_cuda::OnCuda<Soundings<'r>>;

    fn kernel(soundings: Soundings<'_>) -> Self::Kernel<'_> {
        jobwise_cuda::OnCuda(soundings)
    }

    fn plan(choice: &Choice, soundings: &Soundings<'_>) -> Result<String> {
        let plans = choice.plan_on_cuda(soundings)?;
        let lines = plans.iter().map(|plan| format!("device       {plan}\n"));
        Ok(lines.collect())
    }
}
