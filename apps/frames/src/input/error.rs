use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::frame::{Damage, Place};

/// Why a file, a pipe or a connection cannot be read, or not on. Displays as one line.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", self.at())]
pub struct Error {
    /// The file; for what is no file, the name under which it was opened, or `standard input`.
    pub file: Arc<Path>,
    /// The frame in question, where there is one.
    pub place: Option<Place>,
    /// Whether offsets count bytes before compression, and not those of the file.
    pub is_compressed: bool,
    /// What is wrong.
    pub problem: Problem,
}

/// What can be wrong with an input.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The name does not end as names of G3 files do.
    #[error("does not have the extension .g3, .g3.gz, .g3.bz2, .g3.xz or .g3.zst")]
    Name,
    /// It is something that has no content.
    #[error("is {0}, not a file of data")]
    Kind(&'static str),
    /// The address of a sender is none.
    #[error("addresses are tcp://HOST:PORT, or tcp://*:PORT to be called")]
    Address,
    /// Nobody sends in time.
    #[error("nobody has sent for {} s", .0.as_secs_f64())]
    Late(Duration),
    /// There is no frame, which is refused only where it was said.
    #[error("there is no frame in it")]
    Empty,
    /// An `EndProcessing` frame, which is refused only where it was said.
    #[error("EndProcessing frames have no place in files")]
    EndProcessing,
    /// A frame cannot be read.
    #[error("{0}")]
    Frame(#[from] Damage),
    /// The system refuses.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl Error {
    pub(super) fn new(file: &Arc<Path>, problem: impl Into<Problem>) -> Error {
        Error {
            file: file.clone(),
            place: None,
            is_compressed: false,
            problem: problem.into(),
        }
    }

    fn at(&self) -> String {
        let Some(Place {
            file,
            frame,
            offset,
        }) = &self.place
        else {
            return self.file.display().to_string();
        };
        let unit = if self.is_compressed {
            " before compression"
        } else {
            ""
        };
        format!("{}: frame {frame} at byte {offset}{unit}", file.display())
    }
}
