use std::time::Duration;

/// What a client may keep waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many frames wait for a client, at most; at least one does.
    pub frames: usize,
    /// How many bytes they have, at most, unless a single frame has more.
    pub bytes: usize,
    /// Whether frames of the types `T` and `S` are left out for a client whose queue is full.
    /// Otherwise all wait for it.
    pub drops: bool,
    /// A client that takes nothing for so long loses its connection.
    pub timeout: Duration,
}

impl Default for Limits {
    /// 64 frames, 256 MiB, nothing is dropped, 10 minutes.
    fn default() -> Limits {
        Limits {
            frames: 64,
            bytes: 256 << 20,
            drops: false,
            timeout: Duration::from_mins(10),
        }
    }
}
