use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Where a frame was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file; for what is no file, the name under which it was opened, or `standard input`.
    pub file: Arc<Path>,
    /// Which frame of the file it is, from 0.
    pub frame: u64,
    /// The byte of the file at which it begins, before compression.
    pub offset: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place {
            file,
            frame,
            offset,
        } = self;
        write!(f, "{}: frame {frame} at byte {offset}", file.display())
    }
}
