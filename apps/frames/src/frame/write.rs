use bytes::Bytes;

use super::Frame;
use super::checksum::{Checksum, with_short_lengths};
use super::error::{Problem, Result};
use super::parse::HEAD;

/// What is done with objects of 4 GiB or more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Huge {
    /// They are an error.
    #[default]
    Refused,
    /// The checksum covers what the existing library takes for their length.
    Allowed,
}

impl Frame {
    /// The frame as it stands in files: as it was read, while nothing is changed.
    ///
    /// # Errors
    /// When the value of an object has no form as bytes, or an object has 4 GiB or more.
    pub fn to_bytes(&self) -> Result<Bytes> {
        self.to_bytes_with(Huge::Refused)
    }

    /// The same, with a choice for objects of 4 GiB or more.
    ///
    /// # Errors
    /// When the value of an object has no form as bytes, or an object is refused.
    pub fn to_bytes_with(&self, huge: Huge) -> Result<Bytes> {
        if let Some(bytes) = &self.bytes {
            return Ok(bytes.clone());
        }
        let mut blobs = Vec::with_capacity(self.entries.len());
        for (name, object) in &self.entries {
            let blob = object
                .blob()
                .map_err(|error| self.error(name, error.into()))?;
            let length = blob.len() as u64;
            if length > u64::from(u32::MAX) && huge == Huge::Refused {
                return Err(self.error(name, Problem::Huge(length)));
            }
            blobs.push(blob);
        }
        let parts = self.entries.iter().zip(&blobs);
        let lengths = parts
            .clone()
            .map(|((name, _), blob)| 16 + name.len() + blob.len());
        let mut out = Vec::with_capacity(HEAD + lengths.sum::<usize>() + 4);
        out.push(1);
        let words = [1, self.entries.len() as u32, self.kind.0];
        out.extend(words.iter().flat_map(|word: &u32| word.to_le_bytes()));
        let pieces = parts.flat_map(|((name, _), blob)| [name.bytes(), blob]);
        let mut checksum = Checksum::new();
        let mut is_huge = false;
        for piece in pieces.clone() {
            out.extend((piece.len() as u64).to_le_bytes());
            out.extend_from_slice(piece);
            checksum.add(piece);
            is_huge |= piece.len() as u64 > u64::from(u32::MAX);
        }
        let checksum = if is_huge {
            with_short_lengths(pieces)
        } else {
            checksum.value()
        };
        out.extend(checksum.to_le_bytes());
        Ok(out.into())
    }
}
