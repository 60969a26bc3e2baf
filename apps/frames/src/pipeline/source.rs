use jobwise_core::Cause;

use super::{Frames, Module};
use crate::frame::Frame;

/// An iterator of frames, or of results of them, as the first module of a pipeline; further on it
/// puts out all its frames before the first one that it is given.
pub fn source<I, F>(frames: I) -> impl Module
where
    I: IntoIterator<Item = F, IntoIter: Send>,
    F: IntoFrame,
{
    Source(frames.into_iter().fuse())
}

/// What a source brings: frames, or results of them.
pub trait IntoFrame {
    /// The frame.
    ///
    /// # Errors
    /// That of the source.
    fn into_frame(self) -> Result<Frame, Cause>;
}

impl IntoFrame for Frame {
    fn into_frame(self) -> Result<Frame, Cause> {
        Ok(self)
    }
}

impl<E: Into<Cause>> IntoFrame for Result<Frame, E> {
    fn into_frame(self) -> Result<Frame, Cause> {
        self.map_err(Into::into)
    }
}

struct Source<I>(I);

impl<F: IntoFrame, I: Iterator<Item = F> + Send> Module for Source<I> {
    fn process(&mut self, frame: Option<Frame>, out: &mut Frames) -> Result<(), Cause> {
        match frame {
            None => {
                if let Some(next) = self.0.next() {
                    out.push(next.into_frame()?);
                }
            }
            Some(frame) => {
                for next in self.0.by_ref() {
                    out.push(next.into_frame()?);
                }
                out.push(frame);
            }
        }
        Ok(())
    }
}
