use std::io;

/// A frame that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{problem}{}", self.inside())]
pub struct Damage {
    /// What is wrong.
    pub problem: Problem,
    /// Where that was seen, in bytes from the beginning of the frame.
    pub at: u64,
    /// How long the frame is, where its lengths hold: so many bytes behind its beginning the next
    /// one begins.
    pub length: Option<u64>,
}

/// What can be wrong with a frame.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It does not begin as frames do.
    #[error("this is not a G3 file, or what comes before is damaged")]
    NotAFrame,
    /// It is of a version that is not known.
    #[error("the frame has version {0}; versions to 1 can be read")]
    Newer(u32),
    /// It goes on after the end of the file.
    #[error("the file ends within the frame: {wanted} bytes are needed and {left} are left")]
    Cut {
        /// How many bytes were to be read.
        wanted: u64,
        /// How many there are.
        left: u64,
    },
    /// The number of its objects cannot be.
    #[error("the frame claims to have {count} objects")]
    Objects {
        /// The number.
        count: u32,
    },
    /// Its bytes are not those that were written.
    #[error("the checksum of the frame is {found:08x} and should be {stored:08x}")]
    Checksum {
        /// What the file says.
        stored: u32,
        /// What its bytes have.
        found: u32,
    },
    /// It is longer than may be read from a stream.
    #[error("the frame claims to be longer than {limit} bytes")]
    Long {
        /// The longest that may be read.
        limit: u64,
    },
    /// The stream itself failed.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl Damage {
    fn inside(&self) -> String {
        match self.at {
            0 => String::new(),
            at => format!(" (at byte {at} of the frame)"),
        }
    }
}
