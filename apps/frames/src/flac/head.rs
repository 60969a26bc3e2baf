//! What stands before samples: the description of a stream, and the head of a frame.

use super::checksum::crc8;
use super::error::{Error, Problem};

/// What the begin of a stream says of all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Description {
    /// Bits of a sample.
    pub(super) depth: u32,
    /// Samples in all; 0: the stream does not say.
    pub(super) total: u64,
    /// Of the samples; zeros: the stream does not say.
    pub(super) md5: [u8; 16],
}

impl Description {
    /// Reads what stands before the first frame. Where that frame begins comes with it.
    pub(super) fn read(stream: &[u8]) -> Result<(Description, usize), Error> {
        let damaged = |at, problem| Error::Damaged { at, problem };
        if !stream.starts_with(b"fLaC") {
            let problem = if b"fLaC".starts_with(stream) {
                Problem::Cut
            } else {
                Problem::Foreign
            };
            return Err(damaged(0, problem));
        }
        let mut at = 4;
        let mut description = None;
        loop {
            let cut = || damaged(at, Problem::Cut);
            let head = stream.get(at..).and_then(<[u8]>::first_chunk::<4>);
            let &[kind, length @ ..] = head.ok_or_else(cut)?;
            let [high, middle, low] = length.map(usize::from);
            let length = high << 16 | middle << 8 | low;
            let content = stream.get(at + 4..at + 4 + length).ok_or_else(cut)?;
            if at == 4 {
                if kind & 0x7f != 0 {
                    return Err(damaged(at, Problem::Description));
                }
                let whole = Description::parse(content);
                description = Some(whole.map_err(|problem| damaged(at, problem))?);
            } else if kind & 0x7f == 0x7f {
                return Err(damaged(at, Problem::Description));
            }
            at += 4 + length;
            if let Some(description) = description
                && kind & 0x80 != 0
            {
                return Ok((description, at));
            }
        }
    }

    fn parse(content: &[u8]) -> Result<Description, Problem> {
        let content: &[u8; 34] = content.try_into().map_err(|_| Problem::Description)?;
        let packed = content[10..18].try_into().map_or(0, u64::from_be_bytes);
        let md5 = content[18..].try_into().unwrap_or_default();
        if packed >> 41 & 7 != 0 {
            return Err(Problem::Channels);
        }
        let depth = (packed >> 36 & 31) as u32 + 1;
        if depth < 4 {
            return Err(Problem::Description);
        }
        Ok(Description {
            depth,
            total: packed & ((1 << 36) - 1),
            md5,
        })
    }

    /// The begin of a stream with blocks of `block` samples, mono, which says nothing of the sizes
    /// of frames.
    pub(super) fn write(&self, block: u16, stream: &mut Vec<u8>) {
        const RATE: u64 = 44100;
        const VENDOR: &[u8] = b"jobwise";
        stream.extend_from_slice(b"fLaC\x00\x00\x00\x22");
        stream.extend_from_slice(&block.to_be_bytes());
        stream.extend_from_slice(&block.to_be_bytes());
        stream.extend_from_slice(&[0; 6]);
        let depth = u64::from(self.depth) - 1;
        let packed = RATE << 44 | depth << 36 | self.total;
        stream.extend_from_slice(&packed.to_be_bytes());
        stream.extend_from_slice(&self.md5);
        // Who wrote it, and no comments.
        stream.extend_from_slice(&[0x84, 0, 0, VENDOR.len() as u8 + 8]);
        stream.extend_from_slice(&(VENDOR.len() as u32).to_le_bytes());
        stream.extend_from_slice(VENDOR);
        stream.extend_from_slice(&[0; 4]);
    }
}

/// The head of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Samples in the frame: at least 1.
    pub(super) samples: usize,
    /// Bytes of the head.
    pub(super) length: usize,
}

impl Head {
    /// Reads the head of a frame at the begin of `bytes`, in a stream of samples of `depth` bits.
    pub(super) fn parse(bytes: &[u8], depth: u32) -> Result<Head, Problem> {
        let byte = |at: usize| bytes.get(at).copied().ok_or(Problem::Cut);
        if byte(0)? != 0xff || byte(1)? & 0xfe != 0xf8 {
            return Err(Problem::Sync);
        }
        let (sizes, layout) = (byte(2)?, byte(3)?);
        if layout >> 4 != 0 {
            let is_reserved = layout >> 4 > 10;
            return Err(if is_reserved {
                Problem::Head
            } else {
                Problem::Channels
            });
        }
        let has_depth = match layout >> 1 & 7 {
            0 => true,
            1 => depth == 8,
            2 => depth == 12,
            4 => depth == 16,
            5 => depth == 20,
            6 => depth == 24,
            7 => depth == 32,
            _ => false,
        };
        if !has_depth || layout & 1 != 0 {
            return Err(Problem::Head);
        }
        // The number of the frame or of its first sample: as UTF-8 writes numbers.
        let first = byte(4)?;
        let number = match first.leading_ones() {
            0 => 1,
            count @ 2..=7 => count as usize,
            _ => return Err(Problem::Head),
        };
        for at in 5..4 + number {
            if byte(at)? >> 6 != 2 {
                return Err(Problem::Head);
            }
        }
        let mut at = 4 + number;
        let samples = match sizes >> 4 {
            0 => return Err(Problem::Head),
            1 => 192,
            code @ 2..=5 => 144 << code,
            6 => {
                at += 1;
                usize::from(byte(at - 1)?) + 1
            }
            7 => {
                at += 2;
                (usize::from(byte(at - 2)?) << 8 | usize::from(byte(at - 1)?)) + 1
            }
            code => 1 << code,
        };
        at += match sizes & 15 {
            12 => 1,
            13 | 14 => 2,
            15 => return Err(Problem::Head),
            _ => 0,
        };
        let stored = byte(at)?;
        if crc8(&bytes[..at]) != stored {
            return Err(Problem::HeadChecksum);
        }
        Ok(Head {
            samples,
            length: at + 1,
        })
    }

    /// The head of frame `number` of a stream with blocks of fixed size; all but the last frame
    /// have as many samples as the description says.
    pub(super) fn write(samples: usize, depth: u32, number: u32, stream: &mut Vec<u8>) {
        let begin = stream.len();
        let size = match samples {
            4096 => 12,
            1152 => 3,
            1..=256 => 6,
            _ => 7,
        };
        let depth = match depth {
            8 => 1,
            12 => 2,
            16 => 4,
            20 => 5,
            24 => 6,
            32 => 7,
            _ => 0,
        };
        stream.extend_from_slice(&[0xff, 0xf8, size << 4 | 9, depth << 1]);
        write_number(number, stream);
        let less = samples - 1;
        match size {
            6 => stream.push(less as u8),
            7 => stream.extend_from_slice(&(less as u16).to_be_bytes()),
            _ => {}
        }
        stream.push(crc8(&stream[begin..]));
    }
}

/// A number of at most 31 bits, as UTF-8 writes numbers.
fn write_number(number: u32, stream: &mut Vec<u8>) {
    if number < 0x80 {
        stream.push(number as u8);
        return;
    }
    // Bytes behind the first one: each brings 6 bits and takes one of the first byte's.
    let more = (1..6).find(|&more| number < 1 << (6 * more + 6 - more));
    let more = more.unwrap_or(5);
    let ones = 0xffu8 << (6 - more);
    stream.push(ones | (number >> (6 * more)) as u8);
    for place in (0..more).rev() {
        stream.push(0x80 | (number >> (6 * place)) as u8 & 0x3f);
    }
}
