use std::io::{ErrorKind, Read};

use bytes::Bytes;

use super::Frame;
use super::damage::{Damage, Problem};
use super::parse::{Cursor, HEAD};

/// The longest frame that is read from a stream, in bytes: 16 GiB.
/// Of a stream nobody knows how much is left, and a length that is damaged would be waited for.
pub const LONGEST_IN_STREAM: u64 = 1 << 34;

impl Frame {
    /// Reads the next frame of a stream, in small pieces; `None` when the stream has ended before.
    /// Memory is taken as bytes arrive.
    ///
    /// # Errors
    /// When the stream ends within a frame, what comes is no frame, its checksum is wrong, it is
    /// longer than [`LONGEST_IN_STREAM`], or the stream fails. Where [`Damage::length`] is known,
    /// the frame was read to its end, and the next one can be read.
    pub fn read(stream: &mut dyn Read) -> Result<Option<Frame>, Damage> {
        Frame::read_within(stream, LONGEST_IN_STREAM)
    }

    /// The same with another limit of the length of frames, in bytes.
    pub(super) fn read_within(stream: &mut dyn Read, limit: u64) -> Result<Option<Frame>, Damage> {
        let mut growing = Growing {
            stream,
            bytes: Vec::new(),
            limit,
        };
        growing.fill(HEAD as u64)?;
        if growing.bytes.is_empty() {
            return Ok(None);
        }
        let objects = growing.cursor(0).head()?.objects;
        let mut at = HEAD;
        for _ in 0..2 * objects {
            growing.fill(at as u64 + 8)?;
            let mut cursor = growing.cursor(at);
            at = match cursor.piece() {
                Ok((_, end)) => end,
                Err(Damage {
                    problem: Problem::Cut { wanted, .. },
                    ..
                }) if wanted != 8 || growing.bytes.len() >= at + 8 => {
                    let end = (at as u64 + 8).saturating_add(wanted);
                    growing.fill(end)?;
                    growing.cursor(at).piece()?.1
                }
                Err(damage) => return Err(damage),
            };
        }
        growing.fill(at as u64 + 4)?;
        let bytes = Bytes::from(growing.bytes);
        Frame::parse(&bytes, 0).map(|(frame, _)| Some(frame))
    }
}

/// What of a frame has arrived.
struct Growing<'a> {
    stream: &'a mut dyn Read,
    bytes: Vec<u8>,
    limit: u64,
}

impl Growing<'_> {
    /// Reads up to the byte `end` of the frame, or the end of the stream.
    fn fill(&mut self, end: u64) -> Result<(), Damage> {
        let limit = self.limit;
        let at = self.bytes.len() as u64;
        let failed = |problem| Damage {
            problem,
            at,
            length: None,
        };
        if end > limit {
            return Err(failed(Problem::Long { limit }));
        }
        let missing = end.saturating_sub(at);
        // It reads on after an interruption, and takes memory as it reads.
        let read = (&mut *self.stream)
            .take(missing)
            .read_to_end(&mut self.bytes);
        match read {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(()),
            Err(error) => Err(failed(error.into())),
        }
    }

    /// At a byte of the frame.
    fn cursor(&self, at: usize) -> Cursor<'_> {
        Cursor {
            frame: &self.bytes,
            at,
            is_big: self.bytes[0] == 0,
        }
    }
}
