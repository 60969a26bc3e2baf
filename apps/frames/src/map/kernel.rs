use std::sync::Arc;

use jobwise_core::{Cause, CpuKernel, Signature};

use super::binning::Scratch;
use super::{Binning, Contribution};
use crate::frame::Frame;

/// A scan on its way to a map.
#[derive(Clone, Debug)]
pub struct Scan {
    /// The frame of the scan.
    pub frame: Frame,
    /// The newest Calibration frame before it.
    pub calibration: Option<Arc<Frame>>,
}

impl Signature for Binning {
    type Item<'t> = Scan;
    type Output = Option<Contribution>;
}

impl CpuKernel for Binning {
    type Scratch = Scratch;

    fn scratch(&self) -> Result<Scratch, Cause> {
        Ok(Binning::scratch(self)?)
    }

    fn compute(
        &self,
        _: usize,
        scan: Scan,
        scratch: &mut Scratch,
    ) -> Result<Option<Contribution>, Cause> {
        let calibration = scan.calibration.as_deref();
        Ok(self.contribution(&scan.frame, calibration, scratch)?)
    }
}
