use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use bzip2::read::MultiBzDecoder;
use jobwise_kit::regular_file;

/// More bytes than this, decompressed, are no recording (16 GiB): a small file must not keep the
/// program busy for ever.
const MOST_BYTES: u64 = 16 << 30;

/// What a bzip2 file begins with.
const BZIP2: &[u8] = b"BZh";

/// The bytes of a file, decompressed.
pub(super) struct Source {
    bytes: Box<dyn Read>,
    /// Bytes read so far.
    position: u64,
    /// Bytes in all, where that is known: not for compressed files.
    length: Option<u64>,
}

impl Source {
    /// Opens a file. Its first bytes, not its name, tell whether it is compressed.
    pub(super) fn open(path: &Path) -> io::Result<Source> {
        regular_file(path)?;
        let mut start = Vec::new();
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        (&mut file)
            .take(BZIP2.len() as u64)
            .read_to_end(&mut start)?;
        let is_bzip2 = start == BZIP2;
        let file = BufReader::with_capacity(1 << 16, io::Cursor::new(start).chain(file));
        Ok(if is_bzip2 {
            Source::new(Box::new(MultiBzDecoder::new(file)), None)
        } else {
            Source::new(Box::new(file), Some(length))
        })
    }

    fn new(bytes: Box<dyn Read>, length: Option<u64>) -> Source {
        Source {
            bytes,
            position: 0,
            length,
        }
    }

    /// Bytes read so far.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Bytes that may still come, at most.
    pub(super) fn left(&self) -> u64 {
        self.length
            .unwrap_or(MOST_BYTES)
            .saturating_sub(self.position)
    }

    /// Passes over bytes up to a position.
    pub(super) fn skip_to(&mut self, position: u64) -> io::Result<()> {
        let wanted = position.saturating_sub(self.position);
        let passed = io::copy(&mut self.take(wanted), &mut io::sink())?;
        if passed < wanted {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.length.is_none() && self.position >= MOST_BYTES {
            return Err(io::Error::other("decompresses to more than 16 GiB"));
        }
        let count = self.bytes.read(buffer)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("position", &self.position)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}
