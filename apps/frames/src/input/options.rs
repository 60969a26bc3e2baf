use std::time::Duration;

/// How inputs are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// A frame whose checksum is wrong, but not its lengths, is passed over with a warning, and the
    /// next one is read.
    pub skips_damage: bool,
    /// What is a warning is an error: files without frames, `EndProcessing` frames in files.
    pub is_strict: bool,
    /// How long a sender may keep quiet. After that the input ends, with a warning; within a frame
    /// it is an error. Also how long is waited for a sender that is not there.
    pub timeout: Option<Duration>,
    /// When a sender ends the connection, another one is made, or waited for, as long as `timeout`
    /// says.
    pub reconnects: bool,
    /// How plain files are read.
    pub access: Access,
}

/// How plain files are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// As memory, without a copy. What was read last, up to 80 MiB of a file, counts as memory of
    /// the process, and what is looked at of frames that are kept.
    Mapped,
    /// As streams: a copy of each frame.
    Streamed,
}

impl Default for Options {
    /// Damage ends an input; senders are waited for, without a limit, and called once.
    fn default() -> Options {
        Options {
            skips_damage: false,
            is_strict: false,
            timeout: None,
            reconnects: false,
            access: Access::Mapped,
        }
    }
}
