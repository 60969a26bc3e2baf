use std::fmt::Write;

use jobwise_core::Cause;

use super::Types;
use crate::frame::Frame;
use crate::pipeline::{Frames, Module};

/// Prints frames of some types: their type, and names with classes.
#[derive(Clone, Debug, Default)]
pub struct Show {
    types: Types,
}

impl Show {
    /// Frames of these types.
    pub fn new(types: Types) -> Show {
        Show { types }
    }
}

impl Module for Show {
    fn process(&mut self, frame: Option<Frame>, out: &mut Frames) -> Result<(), Cause> {
        let frame = frame.ok_or("this module needs frames")?;
        if self.types.contains(frame.kind()) {
            jobwise_kit::print(&text(&frame)).map_err(|failure| failure.to_string())?;
        }
        out.push(frame);
        Ok(())
    }
}

pub(super) fn text(frame: &Frame) -> String {
    let kind = frame.kind();
    let mut text = match kind.name() {
        Some(name) => format!("Frame ({name}) ["),
        None => format!("Frame ({kind}) ["),
    };
    for (name, object) in frame.iter() {
        let _ = match object.class() {
            Ok(class) => write!(text, "\n    {name} ({class})"),
            Err(error) => write!(text, "\n    {name} ({error})"),
        };
    }
    text.push_str("\n]\n");
    text
}
