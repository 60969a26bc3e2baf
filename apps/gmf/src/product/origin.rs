//! What a file was computed from: noted beside its bytes, which do not depend on where and when the recording was stored.

use std::path::Path;

use jobwise_kit::notes;

const NOTE: &str = "source";

/// The recording of a file as it was when the file was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// A digest of all samples that went into it.
    pub samples: u64,
    /// A digest of lengths and times of the recording's files that hold them.
    pub files: u64,
}

impl Origin {
    /// Reads the note of a file. `None` for files of other programs and older versions, and where the note was lost.
    pub fn of(path: &Path) -> Option<Origin> {
        let text = notes::read(path, NOTE)?;
        let mut words = text.strip_prefix("1 ")?.split(' ');
        let mut number = || u64::from_str_radix(words.next()?, 16).ok();
        Some(Origin {
            samples: number()?,
            files: number()?,
        })
    }

    /// Leaves the note at a file. Where the file system takes none, a change of the recording will not be noticed.
    pub fn note(self, path: &Path) {
        let text = format!("1 {:016x} {:016x}", self.samples, self.files);
        if let Err(error) = notes::write(path, NOTE, &text) {
            log::info!(
                "{}: what it was computed from cannot be noted ({error}); later changes of the recording will not be noticed",
                path.display()
            );
        }
    }
}
