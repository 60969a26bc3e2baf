use std::collections::HashSet;

use bytes::Bytes;

use super::checksum::{Checksum, with_short_lengths};
use super::damage::{Damage, Problem};
use super::{Frame, FrameType};
use crate::archive::Text;
use crate::object::Object;

/// The bytes before the first object: order of bytes, version, number of objects, type.
pub(super) const HEAD: usize = 1 + 4 + 4 + 4;

/// Up to so many names are compared with each other.
const FEW: usize = 32;

impl Frame {
    /// Reads the frame that begins at byte `at` of `file`, and returns it with the byte at which
    /// the next one begins. Its objects share the memory of `file`, and are not decoded. Of objects
    /// with the same name the first one counts.
    ///
    /// # Errors
    /// When there is no whole frame, or its checksum is wrong.
    ///
    /// # Panics
    /// When `at` is behind the end of `file`.
    pub fn parse(file: &Bytes, at: usize) -> Result<(Frame, usize), Damage> {
        Frame::parse_with(file, at, true)
    }

    /// The frame that is all of `bytes`, whose checksum another rank has found to be right.
    ///
    /// # Errors
    /// When the bytes are no frame.
    pub(crate) fn parse_checked(bytes: &Bytes) -> Result<Frame, Damage> {
        Ok(Frame::parse_with(bytes, 0, false)?.0)
    }

    fn parse_with(file: &Bytes, at: usize, checks: bool) -> Result<(Frame, usize), Damage> {
        let mut cursor = Cursor {
            frame: &file[at..],
            at: 0,
            is_big: false,
        };
        let head = cursor.head()?;
        let mut entries = Vec::with_capacity(head.objects.min(FEW));
        let mut checksum = Checksum::new();
        for _ in 0..head.objects {
            let name = cursor.piece()?;
            let blob = cursor.piece()?;
            if checks {
                checksum.add(&file[at + name.0..at + name.1]);
                checksum.add(&file[at + blob.0..at + blob.1]);
            }
            let name = Text::from(file.slice(at + name.0..at + name.1));
            let object = Object::from_blob(file.slice(at + blob.0..at + blob.1));
            entries.push((name, object));
        }
        let at_checksum = cursor.at;
        let stored = cursor.word()?;
        let end = at + cursor.at;
        let found = checksum.value();
        if checks && found != stored && !is_of_short_lengths(stored, &entries) {
            return Err(Damage {
                problem: Problem::Checksum { stored, found },
                at: at_checksum as u64,
                length: Some(cursor.at as u64),
            });
        }
        let frame = Frame {
            kind: head.kind,
            entries: without_repeated_names(entries),
            place: None,
            bytes: Some(file.slice(at..end)),
        };
        Ok((frame, end))
    }

    /// The length of the frame that begins at byte `at` of `file`: its lengths are followed, and
    /// nothing else is looked at.
    ///
    /// # Errors
    /// When there is no whole frame.
    ///
    /// # Panics
    /// When `at` is behind the end of `file`.
    pub fn length(file: &[u8], at: usize) -> Result<(FrameType, usize), Damage> {
        let mut cursor = Cursor {
            frame: &file[at..],
            at: 0,
            is_big: false,
        };
        let head = cursor.head()?;
        for _ in 0..head.objects {
            cursor.piece()?;
            cursor.piece()?;
        }
        cursor.word()?;
        Ok((head.kind, cursor.at))
    }

    /// The checksum that stands at the end of the frame in its file, while nothing is changed.
    pub fn stored_checksum(&self) -> Option<u32> {
        let bytes = self.bytes.as_deref()?;
        let word = bytes.last_chunk::<4>()?;
        Some(if bytes[0] == 0 {
            u32::from_be_bytes(*word)
        } else {
            u32::from_le_bytes(*word)
        })
    }
}

/// What stands before the first object.
pub(super) struct Head {
    pub(super) objects: usize,
    pub(super) kind: FrameType,
}

/// Follows the lengths of a frame.
pub(super) struct Cursor<'a> {
    pub(super) frame: &'a [u8],
    pub(super) at: usize,
    pub(super) is_big: bool,
}

impl Cursor<'_> {
    pub(super) fn head(&mut self) -> Result<Head, Damage> {
        self.is_big = match self.frame.first() {
            Some(0) => true,
            Some(1) => false,
            _ => return Err(self.damage(Problem::NotAFrame)),
        };
        self.at = 1;
        match self.word()? {
            1 => {}
            // Nobody will get so far.
            version @ 2..=255 => return Err(self.damage(Problem::Newer(version))),
            _ => return Err(self.damage(Problem::NotAFrame)),
        }
        let count = self.word()?;
        if count > i32::MAX as u32 {
            return Err(self.damage(Problem::Objects { count }));
        }
        let kind = FrameType(self.word()?);
        Ok(Head {
            objects: count as usize,
            kind,
        })
    }

    /// Where a name, or an object, begins and ends.
    pub(super) fn piece(&mut self) -> Result<(usize, usize), Damage> {
        let length = self.bytes::<8>()?;
        let length = if self.is_big {
            u64::from_be_bytes(length)
        } else {
            u64::from_le_bytes(length)
        };
        let start = self.at;
        self.take(length)?;
        Ok((start, self.at))
    }

    pub(super) fn word(&mut self) -> Result<u32, Damage> {
        let bytes = self.bytes::<4>()?;
        Ok(if self.is_big {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Damage> {
        let start = self.at;
        self.take(N as u64)?;
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.frame[start..start + N]);
        Ok(bytes)
    }

    fn take(&mut self, wanted: u64) -> Result<(), Damage> {
        let left = (self.frame.len() - self.at) as u64;
        if wanted > left {
            return Err(self.damage(Problem::Cut { wanted, left }));
        }
        self.at += wanted as usize;
        Ok(())
    }

    pub(super) fn damage(&self, problem: Problem) -> Damage {
        Damage {
            problem,
            at: self.at as u64,
            length: None,
        }
    }
}

/// Whether the existing library would take this checksum for right.
fn is_of_short_lengths(stored: u32, entries: &[(Text, Object)]) -> bool {
    let blobs: Vec<_> = entries
        .iter()
        .filter_map(|(_, object)| object.blob().ok())
        .collect();
    let parts = entries.iter().map(|(name, _)| name.bytes()).zip(&blobs);
    blobs
        .iter()
        .any(|blob| blob.len() as u64 > u64::from(u32::MAX))
        && with_short_lengths(parts.flat_map(|(name, blob)| [name, blob])) == stored
}

fn without_repeated_names(mut entries: Vec<(Text, Object)>) -> Vec<(Text, Object)> {
    let is_repeated = |index: usize| {
        entries[..index]
            .iter()
            .any(|(name, _)| *name == entries[index].0)
    };
    let is_short = entries.len() <= FEW;
    if is_short && !(0..entries.len()).any(is_repeated) {
        return entries;
    }
    let mut seen = HashSet::with_capacity(entries.len());
    entries.retain(|(name, _)| seen.insert(name.clone()));
    entries
}
