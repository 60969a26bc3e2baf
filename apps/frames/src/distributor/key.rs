use std::path::Path;
use std::sync::Arc;

use super::Files;
use crate::frame::Place;

/// Where a frame lies in a list of files: keys order what was found, whoever read and computed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The block.
    pub block: u32,
    /// The file in its block.
    pub file: u32,
    /// The frame in its file.
    pub frame: u64,
}

/// A list of files, or a file, is too long for keys of 64 bits.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("at most 4096 blocks of 1048576 files with 4294967296 frames each can be read at once")]
pub struct TooMany;

const FRAME_BITS: u32 = 32;
const FILE_BITS: u32 = 20;
const BLOCK_BITS: u32 = 12;

impl Key {
    /// The key as a number, in the same order.
    ///
    /// # Errors
    /// When a part of it does not fit.
    pub fn index(self) -> Result<usize, TooMany> {
        let fits = |part: u64, bits: u32| part >> bits == 0;
        let (block, file) = (u64::from(self.block), u64::from(self.file));
        if !fits(block, BLOCK_BITS) || !fits(file, FILE_BITS) || !fits(self.frame, FRAME_BITS) {
            return Err(TooMany);
        }
        let index = (block << FILE_BITS | file) << FRAME_BITS | self.frame;
        usize::try_from(index).map_err(|_| TooMany)
    }

    /// The key of that number.
    pub fn from_index(index: usize) -> Key {
        let index = index as u64;
        let low = |number: u64, bits: u32| number & ((1 << bits) - 1);
        Key {
            block: (index >> (FRAME_BITS + FILE_BITS)) as u32,
            file: low(index >> FRAME_BITS, FILE_BITS) as u32,
            frame: low(index, FRAME_BITS),
        }
    }

    /// Where that is.
    pub fn place(self, files: &Files, offset: u64) -> Option<Place> {
        let block = files.blocks().get(self.block as usize)?;
        let file: &Path = block.files().get(self.file as usize)?;
        Some(Place {
            file: Arc::from(file),
            frame: self.frame,
            offset,
        })
    }

    /// The rank, of `ranks` that compute, that gets this frame in every run.
    pub(super) fn rank(index: usize, ranks: usize) -> usize {
        let key = Key::from_index(index);
        let turn = u64::from(key.block) + u64::from(key.file) + key.frame;
        (turn % ranks as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_order_of_keys() {
        let key = |block, file, frame| Key { block, file, frame };
        let keys = [
            key(0, 0, 0),
            key(0, 0, u64::from(u32::MAX)),
            key(0, 1, 0),
            key(0, (1 << 20) - 1, 5),
            key(1, 0, 0),
            key(4095, 7, 9),
        ];
        let indices: Vec<_> = keys.iter().map(|key| key.index().unwrap()).collect();
        assert!(indices.is_sorted());
        assert!(
            indices
                .iter()
                .zip(keys)
                .all(|(&index, key)| Key::from_index(index) == key)
        );
        for wrong in [key(4096, 0, 0), key(0, 1 << 20, 0), key(0, 0, 1 << 32)] {
            assert!(wrong.index().is_err());
        }
    }
}
