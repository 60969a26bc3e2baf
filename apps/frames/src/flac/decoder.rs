//! Frame after frame of a stream.

use md5::{Digest, Md5};

use super::bit_reader::BitReader;
use super::checksum::crc16;
use super::error::{Error, Problem};
use super::head::{Description, Head};
use super::prediction::BEFORE;
use super::subframe;

/// A stream, decoded a block at a time. Its memory is that of the largest block, at most 65536
/// samples, whatever the stream says.
#[derive(Debug)]
pub struct Decoder<'a> {
    stream: &'a [u8],
    description: Description,
    /// Where the next frame begins.
    at: usize,
    /// Samples so far.
    count: u64,
    /// The samples of a frame, as they are computed and as they are.
    block: Vec<i64>,
    samples: Vec<i32>,
    md5: Option<Md5>,
}

impl<'a> Decoder<'a> {
    /// Reads what the stream says of itself.
    ///
    /// # Errors
    /// It is damaged, no FLAC stream, or has more than one channel.
    pub fn new(stream: &'a [u8]) -> Result<Decoder<'a>, Error> {
        let (description, at) = Description::read(stream)?;
        let has_md5 = description.md5 != [0; 16];
        Ok(Decoder {
            stream,
            description,
            at,
            count: 0,
            block: Vec::new(),
            samples: Vec::new(),
            md5: has_md5.then(Md5::new),
        })
    }

    /// Bits of a sample: 4 to 32.
    pub fn depth(&self) -> u32 {
        self.description.depth
    }

    /// The samples of the next frame, whose checksums are right; `None` at the end of the stream.
    ///
    /// # Errors
    /// The stream is damaged, or does not have the samples that it says it has.
    pub fn next_block(&mut self) -> Result<Option<&[i32]>, Error> {
        if self.at == self.stream.len() {
            return self.end().map(|()| None);
        }
        let at = self.at;
        self.frame()
            .map_err(|problem| Error::Damaged { at, problem })?;
        self.samples.clear();
        let samples = self.block[BEFORE..].iter().map(|&sample| sample as i32);
        self.samples.extend(samples);
        let samples = &self.samples;
        self.count += samples.len() as u64;
        if let Some(md5) = &mut self.md5 {
            add(md5, samples, self.description.depth);
        }
        Ok(Some(samples))
    }

    fn frame(&mut self) -> Result<(), Problem> {
        let depth = self.description.depth;
        let head = Head::parse(&self.stream[self.at..], depth)?;
        self.block.resize(BEFORE + head.samples, 0);
        let stream = self.stream;
        let mut bits = BitReader::new(stream, self.at + head.length);
        subframe::read(&mut bits, depth, &mut self.block)?;
        let end = bits.align()?;
        let stored = stream.get(end..).and_then(<[u8]>::first_chunk);
        let &stored = stored.ok_or(Problem::Cut)?;
        if crc16(&stream[self.at..end]) != u16::from_be_bytes(stored) {
            return Err(Problem::Checksum);
        }
        self.at = end + 2;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Error> {
        let expected = self.description.total;
        if expected != 0 && expected != self.count {
            let found = self.count;
            return Err(Error::Count { found, expected });
        }
        let md5 = self.md5.take().map(Md5::finalize);
        let is_right = md5.is_none_or(|md5| md5[..] == self.description.md5);
        if is_right { Ok(()) } else { Err(Error::Md5) }
    }
}

/// The samples as the checksum sees them: little-endian, in as few bytes as hold the depth.
fn add(md5: &mut Md5, samples: &[i32], depth: u32) {
    let width = depth.div_ceil(8) as usize;
    for samples in samples.chunks(1024) {
        let mut bytes = [0; 4096];
        for (to, sample) in bytes.chunks_exact_mut(width).zip(samples) {
            to.copy_from_slice(&sample.to_le_bytes()[..width]);
        }
        md5.update(&bytes[..width * samples.len()]);
    }
}
