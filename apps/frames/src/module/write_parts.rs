use jobwise_core::Cause;

use crate::frame::Frame;
use crate::output::Parts;
use crate::pipeline::{Frames, Module};

/// Writes frames into several files, and passes them on.
pub struct WriteParts<'p> {
    parts: Option<Parts>,
    divides: Option<Box<Divides<'p>>>,
}

type Divides<'p> = dyn FnMut(&Frame) -> bool + Send + 'p;

impl std::fmt::Debug for WriteParts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("WriteParts").field(&self.parts).finish()
    }
}

impl<'p> WriteParts<'p> {
    /// Into these files.
    pub fn new(parts: Parts) -> WriteParts<'p> {
        WriteParts {
            parts: Some(parts),
            divides: None,
        }
    }

    /// A new file begins also with each frame for which `divides` says so.
    #[must_use]
    pub fn divided_by(mut self, divides: impl FnMut(&Frame) -> bool + Send + 'p) -> Self {
        self.divides = Some(Box::new(divides));
        self
    }
}

impl Module for WriteParts<'_> {
    fn process(&mut self, frame: Option<Frame>, out: &mut Frames) -> Result<(), Cause> {
        let frame = frame.ok_or("a writer needs frames")?;
        if frame.kind().is_end() {
            if let Some(parts) = self.parts.take() {
                parts.finish()?;
            }
        } else {
            let parts = self.parts.as_mut().ok_or("the files have ended")?;
            if self.divides.as_mut().is_some_and(|divides| divides(&frame)) {
                parts.write_in(&frame, true)?;
            } else {
                parts.write(&frame)?;
            }
        }
        out.push(frame);
        Ok(())
    }
}
