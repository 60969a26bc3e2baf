use std::io;
use std::path::PathBuf;

use crate::frame::{self, Damage};
use crate::input::Form;

/// Why frames cannot be written. Displays as one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The name does not end as names of G3 files do.
    #[error(
        "{}: does not have the extension .g3, .g3.gz, .g3.bz2, .g3.xz or .g3.zst", .0.display()
    )]
    Name(PathBuf),
    /// Several files need a name with a place for their number.
    #[error("{}: names of several files have one place for a number, such as %03d", .0.display())]
    Pattern(PathBuf),
    /// Files of no bytes have no frames.
    #[error("files cannot be limited to 0 bytes")]
    Division,
    /// Frames are added to plain files only.
    #[error("{}: nothing can be added to files in {form}", path.display())]
    Compressed {
        /// The file.
        path: PathBuf,
        /// How it is compressed.
        form: Form,
    },
    /// What is in the file already is damaged.
    #[error(
        "{}: nothing is added, since frame {frame} at byte {offset} is damaged: {damage}",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The damaged frame.
        frame: u64,
        /// Where it begins.
        offset: u64,
        /// What is wrong with it.
        damage: Damage,
    },
    /// A frame has no form as bytes.
    #[error("{}: {source}", path.display())]
    Frame {
        /// The file that it should go into.
        path: PathBuf,
        /// Why not.
        source: frame::Error,
    },
    /// The system refuses.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file cannot be made, or not be given its name.
    #[error(transparent)]
    Atomic(#[from] jobwise_kit::atomic::Error),
}
