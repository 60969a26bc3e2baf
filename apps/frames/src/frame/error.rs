use super::{Frame, Place};
use crate::archive::Text;
use crate::object;

/// Why an object of a frame cannot be had. Displays as one line, with where the frame was read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}{name}: {problem}", at(place.as_ref()))]
pub struct Error {
    /// Where the frame was read, unless it was made here.
    pub place: Option<Place>,
    /// The name of the object.
    pub name: Text,
    /// What is wrong.
    pub problem: Box<Problem>,
}

/// What can be wrong with an object of a frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// There is none of that name.
    #[error("the frame has no object of this name")]
    Missing,
    /// There is another one of the name that the object is to get.
    #[error("the object cannot be called {0}: there is another one of that name")]
    Taken(Text),
    /// The object itself is not as it should be.
    #[error(transparent)]
    Object(#[from] object::Error),
    /// The object is too long for the checksum of frames.
    #[error(
        "the object has {0} bytes, and the checksum of frames does not cover more than 4294967295; \
         files with such objects have to be asked for"
    )]
    Huge(u64),
}

/// A result about an object of a frame.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Frame {
    /// Where it was read, with a colon behind it; nothing for a frame that was made here.
    pub(crate) fn at(&self) -> String {
        at(self.place())
    }
}

fn at(place: Option<&Place>) -> String {
    place.map(|place| format!("{place}: ")).unwrap_or_default()
}
