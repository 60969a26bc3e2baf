use std::sync::Arc;

use jobwise_core::Cause;

use super::binning::Scratch;
use super::{Binning, Contribution};
use crate::distributor::{Key, Worker};
use crate::frame::{Frame, FrameType};

/// Makes of each scan what it adds to a map; a worker of a
/// [distribution](crate::distributor::distribute).
#[derive(Debug)]
pub struct ScanWorker {
    binning: Arc<Binning>,
    scratch: Scratch,
    /// The newest Calibration frame.
    calibration: Option<Frame>,
}

impl ScanWorker {
    /// A worker that has seen no frame.
    pub fn new(binning: &Arc<Binning>) -> ScanWorker {
        ScanWorker {
            scratch: binning.scratch(),
            binning: Arc::clone(binning),
            calibration: None,
        }
    }
}

impl Worker for ScanWorker {
    /// `None` for frames that add nothing.
    type Output = Option<Contribution>;

    fn metadata(&mut self, _: Key, frame: Frame) -> Result<(), Cause> {
        if frame.kind() == FrameType::CALIBRATION {
            self.calibration = Some(frame);
        }
        Ok(())
    }

    fn data(&mut self, _: Key, frame: Frame) -> Result<Self::Output, Cause> {
        if frame.kind() != FrameType::SCAN {
            return Ok(None);
        }
        let calibration = self.calibration.as_ref();
        let adds = self
            .binning
            .contribution(&frame, calibration, &mut self.scratch)?;
        Ok(adds)
    }
}
