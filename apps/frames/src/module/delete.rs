use jobwise_core::Cause;

use super::Types;
use crate::archive::Text;
use crate::frame::Frame;
use crate::pipeline::{Frames, Module};

/// Takes objects of these names out of frames.
#[derive(Clone, Debug)]
pub struct Delete {
    names: Vec<Text>,
    types: Types,
}

impl Delete {
    /// Those of `names`, out of frames of `types`.
    pub fn new(names: impl IntoIterator<Item = impl Into<Text>>, types: Types) -> Delete {
        let names = names.into_iter().map(Into::into).collect();
        Delete { names, types }
    }
}

impl Module for Delete {
    fn process(&mut self, frame: Option<Frame>, out: &mut Frames) -> Result<(), Cause> {
        let mut frame = frame.ok_or("this module needs frames")?;
        if self.types.contains(frame.kind()) {
            frame.retain(|name, _| !self.names.contains(name));
        }
        out.push(frame);
        Ok(())
    }

    fn arguments(&self) -> Vec<(String, String)> {
        vec![("keys".into(), format!("{:?}", self.names))]
    }
}
