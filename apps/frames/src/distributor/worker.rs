use jobwise_core::{Cause, Sink};

use super::Key;
use crate::frame::Frame;
use crate::pipeline::Pipeline;

/// What each lane of a rank has of its own: it is given all metadata, and some of the data.
pub trait Worker: Send {
    /// What it makes of a data frame.
    type Output: Send;

    /// A frame of metadata, in front of the data that it belongs to.
    ///
    /// # Errors
    /// Whatever ends the run on every rank.
    fn metadata(&mut self, key: Key, frame: Frame) -> Result<(), Cause>;

    /// A data frame.
    ///
    /// # Errors
    /// Whatever ends the run on every rank.
    fn data(&mut self, key: Key, frame: Frame) -> Result<Self::Output, Cause>;

    /// All frames were computed, on every rank.
    ///
    /// # Errors
    /// Whatever makes the run fail on every rank.
    fn end(&mut self) -> Result<(), Cause> {
        Ok(())
    }
}

/// A pipeline without a source: all frames go through it.
impl Worker for Pipeline<'_> {
    type Output = ();

    fn metadata(&mut self, _: Key, frame: Frame) -> Result<(), Cause> {
        Ok(self.push(frame)?)
    }

    fn data(&mut self, _: Key, frame: Frame) -> Result<(), Cause> {
        Ok(self.push(frame)?)
    }

    fn end(&mut self) -> Result<(), Cause> {
        Pipeline::end(self)?;
        Ok(())
    }
}

/// For workers that keep what they find.
#[derive(Clone, Copy, Debug)]
pub struct NoOutput;

impl Sink<()> for NoOutput {
    fn write(&mut self, _: usize, (): ()) -> Result<(), Cause> {
        Ok(())
    }
}
