use jobwise_core::Cause;

use crate::frame::Frame;
use crate::pipeline::{Frames, Module};

/// Drops metadata that no data follow: the newest of each type goes on in front of the next data
/// frame, in the order in which their types came first.
#[derive(Clone, Debug, Default)]
pub struct DropOrphans {
    waiting: Vec<Frame>,
}

impl DropOrphans {
    /// Nothing was seen yet.
    pub fn new() -> DropOrphans {
        DropOrphans::default()
    }
}

impl Module for DropOrphans {
    fn process(&mut self, frame: Option<Frame>, out: &mut Frames) -> Result<(), Cause> {
        let frame = frame.ok_or("this module needs frames")?;
        let kind = frame.kind();
        if kind.is_data() || kind.is_end() {
            let waiting = std::mem::take(&mut self.waiting);
            if kind.is_data() {
                out.extend(waiting);
            }
            out.push(frame);
            return Ok(());
        }
        match self
            .waiting
            .iter_mut()
            .find(|waiting| waiting.kind() == kind)
        {
            Some(waiting) => *waiting = frame,
            None => self.waiting.push(frame),
        }
        Ok(())
    }
}
