use std::collections::HashMap;

use jobwise_core::Cause;

use crate::frame::{Digest, Frame, FrameType};
use crate::pipeline::{Frames, Module};

/// Drops metadata that equal the last ones of their type. The order of names does not count.
#[derive(Clone, Debug, Default)]
pub struct Deduplicate {
    last: HashMap<FrameType, Digest>,
}

impl Deduplicate {
    /// Nothing was seen yet.
    pub fn new() -> Deduplicate {
        Deduplicate::default()
    }
}

impl Module for Deduplicate {
    fn process(&mut self, frame: Option<Frame>, out: &mut Frames) -> Result<(), Cause> {
        let frame = frame.ok_or("this module needs frames")?;
        let kind = frame.kind();
        let is_metadata = !kind.is_data() && !kind.is_end();
        if is_metadata {
            let digest = frame.digest()?;
            if self.last.insert(kind, digest) == Some(digest) {
                return Ok(());
            }
        }
        out.push(frame);
        Ok(())
    }
}
