//! TIFF pictures with their numbers as they are stored.
//!
//! A picture may say that its smallest number is white (photometric interpretation 0). That is
//! about how it is shown, but the decoder turns such numbers round, which for floats cannot even be
//! undone. So it is told that the smallest number is black.

use std::io::ErrorKind::{InvalidInput, UnexpectedEof};
use std::io::{Read, Result, Seek, SeekFrom};

/// Entries of directories that are looked at: a damaged file may have directories that lead in
/// circles.
const MOST: u64 = 1 << 20;

/// The tag of the photometric interpretation.
const PHOTOMETRIC: u64 = 262;

/// A TIFF file in which every smallest number is black.
#[derive(Debug)]
pub(super) struct AsStored<R> {
    inner: R,
    at: u64,
    /// How much further on in the file everything is looked for.
    further: u64,
    /// The bytes that read 1 instead of 0.
    ones: Vec<u64>,
    /// The pictures, by number, that say that the smallest number is white.
    white: Vec<usize>,
}

impl<R: Read + Seek> AsStored<R> {
    /// Looks at the directories of all pictures. What is wrong with them is left to the decoder.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn new(mut inner: R) -> Result<AsStored<R>> {
        let mut layout = Layout::default();
        match layout.walk(&mut inner) {
            Ok(()) => {}
            // A file that breaks off is no error here: the decoder meets the same place, or never
            // needs it.
            Err(error) if matches!(error.kind(), UnexpectedEof | InvalidInput) => {}
            Err(error) => return Err(error),
        }
        inner.seek(SeekFrom::Start(0))?;
        Ok(AsStored {
            inner,
            at: 0,
            further: 0,
            ones: layout.ones,
            white: layout.white,
        })
    }

    /// Whether a picture says that its smallest number is white.
    pub(super) fn is_white(&self, page: usize) -> bool {
        self.white.contains(&page)
    }

    /// From now on all places are so many bytes further on: those of pictures that follow on the
    /// one whose directory was read.
    pub(super) fn look_further(&mut self, bytes: u64) {
        self.further = bytes;
    }
}

impl<R: Read> Read for AsStored<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let got = self.inner.read(into)?;
        for &one in &self.ones {
            if let Some(byte) = one
                .checked_sub(self.at)
                .and_then(|place| into[..got].get_mut(usize::try_from(place).ok()?))
            {
                *byte = 1;
            }
        }
        self.at += got as u64;
        Ok(got)
    }
}

impl<R: Seek> Seek for AsStored<R> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let to = match to {
            SeekFrom::Start(place) => SeekFrom::Start(place.saturating_add(self.further)),
            other => other,
        };
        self.at = self.inner.seek(to)?;
        Ok(self.at.saturating_sub(self.further))
    }
}

/// What the directories say.
#[derive(Debug, Default)]
struct Layout {
    is_big_endian: bool,
    /// 64-bit offsets.
    is_large: bool,
    ones: Vec<u64>,
    white: Vec<usize>,
}

impl Layout {
    fn walk<R: Read + Seek>(&mut self, file: &mut R) -> Result<()> {
        let mut order = [0; 2];
        file.read_exact(&mut order)?;
        self.is_big_endian = order == *b"MM";
        self.is_large = self.number(file, 2)? == 43;
        if self.is_large {
            // The size of offsets, and nothing.
            self.number(file, 4)?;
        }
        let (offset, count, entry) = if self.is_large {
            (8, 8, 20)
        } else {
            (4, 2, 12)
        };
        let mut next = self.number(file, offset)?;
        let (mut page, mut left) = (0, MOST);
        while next != 0 && left > 0 {
            file.seek(SeekFrom::Start(next))?;
            let entries = self.number(file, count)?.min(left);
            left -= entries.max(1);
            let place = |index: u64| next.saturating_add(count as u64 + entry * index);
            for index in 0..entries {
                let start = place(index);
                file.seek(SeekFrom::Start(start))?;
                if self.number(file, 2)? == PHOTOMETRIC {
                    self.photometric(file, start, page)?;
                }
            }
            file.seek(SeekFrom::Start(place(entries)))?;
            next = self.number(file, offset)?;
            page += 1;
        }
        Ok(())
    }

    /// Notes where the interpretation 0 stands, in the entry that begins at `start`.
    fn photometric<R: Read + Seek>(&mut self, file: &mut R, start: u64, page: usize) -> Result<()> {
        let size = match self.number(file, 2)? {
            1 => 1,
            3 => 2,
            4 => 4,
            _ => return Ok(()),
        };
        let value = start.saturating_add(if self.is_large { 12 } else { 8 });
        file.seek(SeekFrom::Start(value))?;
        if self.number(file, size)? == 0 {
            let last = if self.is_big_endian {
                size as u64 - 1
            } else {
                0
            };
            self.ones.push(value + last);
            self.white.push(page);
        }
        Ok(())
    }

    /// A number of so many bytes.
    fn number<R: Read>(&self, file: &mut R, bytes: usize) -> Result<u64> {
        let mut number = [0; 8];
        file.read_exact(&mut number[..bytes])?;
        if self.is_big_endian {
            number[..bytes].reverse();
        }
        Ok(u64::from_le_bytes(number))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Error};

    use super::*;

    /// A file of which one read or seek fails, once.
    struct Failing {
        inner: Cursor<Vec<u8>>,
        left: usize,
    }

    impl Failing {
        fn call(&mut self) -> Result<()> {
            let fails = self.left == 1;
            self.left = self.left.saturating_sub(1);
            if fails {
                return Err(Error::other("once"));
            }
            Ok(())
        }
    }

    impl Read for Failing {
        fn read(&mut self, into: &mut [u8]) -> Result<usize> {
            self.call()?;
            self.inner.read(into)
        }
    }

    impl Seek for Failing {
        fn seek(&mut self, to: SeekFrom) -> Result<u64> {
            self.call()?;
            self.inner.seek(to)
        }
    }

    #[test]
    fn an_error_of_a_read_is_no_other_picture() {
        // Two pages of one entry each, the photometric interpretation: 0, and then 1.
        let mut bytes = b"II\x2a\x00\x08\0\0\0".to_vec();
        for (number, next) in [(0, 26), (1, 0)] {
            bytes.extend([1, 0, 6, 1, 3, 0, 1, 0, 0, 0, number, 0, 0, 0, next, 0, 0, 0]);
        }
        let opened = |left| {
            let inner = Cursor::new(bytes.clone());
            AsStored::new(Failing { inner, left })
        };
        let whole = opened(0).unwrap();
        assert_eq!(
            (whole.white.as_slice(), whole.ones.as_slice()),
            (&[0][..], &[18][..])
        );
        let mut failed = 0;
        while opened(failed + 1).is_err() {
            failed += 1;
        }
        // Every call before the file is given to the decoder.
        assert!(failed > 10, "{failed}");
        assert_eq!(opened(failed + 1).unwrap().white, [0]);
        assert_eq!(opened(failed + 2).unwrap().white, [0]);
        // A file that breaks off is left to the decoder.
        bytes.truncate(30);
        assert_eq!(AsStored::new(Cursor::new(bytes)).unwrap().white, [0]);
    }
}
