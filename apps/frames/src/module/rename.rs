use jobwise_core::Cause;

use super::Types;
use crate::archive::Text;
use crate::frame::Frame;
use crate::pipeline::{Frames, Module};

/// Gives objects other names.
#[derive(Clone, Debug)]
pub struct Rename {
    names: Vec<(Text, Text)>,
    types: Types,
}

impl Rename {
    /// From the first name to the second of each pair, all at once, in frames of `types`.
    pub fn new(
        names: impl IntoIterator<Item = (impl Into<Text>, impl Into<Text>)>,
        types: Types,
    ) -> Rename {
        let pair = |(from, to): (_, _)| (Into::into(from), Into::into(to));
        let names = names.into_iter().map(pair).collect();
        Rename { names, types }
    }
}

impl Module for Rename {
    fn process(&mut self, frame: Option<Frame>, out: &mut Frames) -> Result<(), Cause> {
        let mut frame = frame.ok_or("this module needs frames")?;
        if self.types.contains(frame.kind()) {
            frame.rename(&self.names)?;
        }
        out.push(frame);
        Ok(())
    }

    fn arguments(&self) -> Vec<(String, String)> {
        vec![("keys".into(), format!("{:?}", self.names))]
    }
}
