use std::fmt;

use sha2::{Digest as _, Sha256};

use super::Frame;
use super::error::Result;

/// 128 bits by which frames are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 16]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Frame {
    /// The digest of its type, and of its objects' names and bytes, whatever their order. It is the
    /// same on all machines.
    ///
    /// # Errors
    /// When the value of an object has no form as bytes.
    pub fn digest(&self) -> Result<Digest> {
        let mut sorted: Vec<_> = self.iter().collect();
        sorted.sort_by_key(|(name, _)| *name);
        let mut sha = Sha256::new();
        sha.update(self.kind.0.to_le_bytes());
        for (name, object) in sorted {
            let blob = object
                .blob()
                .map_err(|error| self.error(name, error.into()))?;
            for piece in [name.bytes(), &blob] {
                sha.update((piece.len() as u64).to_le_bytes());
                sha.update(piece);
            }
        }
        let mut digest = [0; 16];
        digest.copy_from_slice(&sha.finalize()[..16]);
        Ok(Digest(digest))
    }
}
