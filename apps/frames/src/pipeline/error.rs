use jobwise_core::Cause;

use crate::frame::{self, Place};

/// What ended a pipeline. Displays as one line.
#[derive(Debug, thiserror::Error)]
#[error("{}module {module}: {cause}", self.at())]
pub struct Error {
    /// The name of the module.
    pub module: String,
    /// Where the frame was read that it was working on.
    pub place: Option<Place>,
    /// What the module said.
    pub cause: Cause,
}

impl Error {
    /// Where it was, unless the cause says so itself.
    fn at(&self) -> String {
        let told = self.cause.downcast_ref::<frame::Error>();
        match (&self.place, told) {
            (Some(_), Some(frame::Error { place: Some(_), .. })) | (None, _) => String::new(),
            (Some(place), _) => format!("{place}: "),
        }
    }
}

/// A result of a pipeline.
pub type Result<T, E = Error> = std::result::Result<T, E>;
