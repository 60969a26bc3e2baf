//! Files as memory.

#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use memmap2::{Advice, Mmap, MmapOptions, UncheckedAdvice};

/// The content of a file, which the system reads where it is looked at. Parts of it keep all of it
/// mapped.
#[derive(Default)]
pub(super) struct Mapped {
    bytes: Bytes,
    /// None of an empty file.
    map: Option<Arc<Mmap>>,
    /// Up to this byte the content does not count as memory of this process.
    left: usize,
}

/// Who owns the bytes.
struct Owner(Arc<Mmap>);

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The bytes of a stretch of a file, which the system reads where they are looked at. The file has
/// to be that long.
///
/// # Errors
/// The system refuses.
pub(super) fn stretch(file: &File, offset: u64, length: usize) -> io::Result<Bytes> {
    let mut options = MmapOptions::new();
    options.offset(offset).len(length);
    // SAFETY: as of the whole file, below.
    let map = Arc::new(unsafe { options.map(file) }?);
    Ok(Bytes::from_owner(Owner(map)))
}

impl Mapped {
    /// So many bytes behind what is read stay in memory: as a rule what is still looked at.
    const KEPT: usize = 64 << 20;
    /// So many are left at once.
    const STEP: usize = 16 << 20;

    /// Of a file that has content.
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn new(file: &File) -> io::Result<Mapped> {
        // SAFETY: the map is read only, and no reference to its bytes lives longer than the map,
        // which `Bytes` owns. That nobody changes the file meanwhile is what the program asks of
        // its users (docs/decisions/0034): who cuts it short ends the program by a signal, whose
        // message names the file, and who writes into it makes frames whose checksums fail or whose
        // values are new.
        let map = Arc::new(unsafe { Mmap::map(file) }?);
        // Only speed depends on it.
        let _ = map.advise(Advice::Sequential);
        Ok(Mapped {
            bytes: Bytes::from_owner(Owner(Arc::clone(&map))),
            map: Some(map),
            left: 0,
        })
    }

    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Everything in front of byte `at` was read. What lies far enough back does not count as
    /// memory of this process any more; whoever still looks at it gets it from the file again.
    pub(super) fn passed(&mut self, at: usize) {
        let end = at.saturating_sub(Self::KEPT);
        let Some(map) = &self.map else { return };
        if end < self.left + Self::STEP {
            return;
        }
        // Also what was left before and looked at again.
        let from = self.left.saturating_sub(4 * Self::KEPT);
        // SAFETY: pages of a map that is read only have the content of the file, and get it again
        // when they are looked at; no reference to them sees anything else.
        let advised =
            unsafe { map.unchecked_advise_range(UncheckedAdvice::DontNeed, from, end - from) };
        // Where the system does not take the advice, more counts as memory.
        let _ = advised;
        self.left = end;
    }
}
