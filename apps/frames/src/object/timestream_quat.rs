use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Written};
use super::{Quat, Time};
use crate::archive::Result;

/// Quaternions at equal distances in time, such as where a telescope looks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimestreamQuat {
    /// The quaternions.
    pub quats: Vec<Quat>,
    /// The instant of the first one.
    pub start: Time,
    /// The instant of the last one.
    pub stop: Time,
}

impl Layout for TimestreamQuat {
    fn read(from: &mut Decoder<'_>, _: u32) -> Result<Self> {
        Ok(TimestreamQuat {
            quats: from.object()?,
            start: from.object()?,
            stop: from.object()?,
        })
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.object(&self.quats)?;
        to.object(&self.start)?;
        to.object(&self.stop)
    }
}
