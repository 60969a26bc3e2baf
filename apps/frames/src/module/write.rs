use jobwise_core::Cause;

use super::Types;
use crate::frame::Frame;
use crate::output::Writer;
use crate::pipeline::{Frames, Module};

/// Writes frames of some types, and passes all on. The file appears when the pipeline ends: after
/// an error there is none, or the old one.
#[derive(Debug)]
pub struct Write {
    writer: Option<Writer>,
    types: Types,
}

impl Write {
    /// With this writer.
    pub fn new(writer: Writer, types: Types) -> Write {
        Write {
            writer: Some(writer),
            types,
        }
    }
}

impl Module for Write {
    fn process(&mut self, frame: Option<Frame>, out: &mut Frames) -> Result<(), Cause> {
        let frame = frame.ok_or("a writer needs frames")?;
        if frame.kind().is_end() {
            if let Some(writer) = self.writer.take() {
                writer.finish()?;
            }
        } else if self.types.contains(frame.kind()) {
            let writer = self.writer.as_mut().ok_or("the file has ended")?;
            writer.write(&frame)?;
        }
        out.push(frame);
        Ok(())
    }
}
