use jobwise_core::Cause;

use crate::frame::Frame;
use crate::pipeline::{Frames, Module};

/// Puts a frame in front of the first one that comes.
#[derive(Clone, Debug)]
pub struct Inject {
    frame: Option<Frame>,
}

impl Inject {
    /// This frame.
    pub fn new(frame: Frame) -> Inject {
        Inject { frame: Some(frame) }
    }
}

impl Module for Inject {
    fn process(&mut self, frame: Option<Frame>, out: &mut Frames) -> Result<(), Cause> {
        out.extend(self.frame.take());
        out.extend(frame);
        Ok(())
    }
}
