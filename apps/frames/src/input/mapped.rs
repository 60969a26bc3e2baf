//! Files as memory.

#![allow(unsafe_code)]

use std::fs::File;
use std::io;

use bytes::Bytes;
use memmap2::{Advice, Mmap};

/// The content of a file, which the system reads where it is looked at. Parts of it keep all of it
/// mapped.
///
/// # Errors
/// The system refuses.
pub(super) fn map(file: &File) -> io::Result<Bytes> {
    // SAFETY: the map is read only, and no reference to its bytes lives longer than the map, which
    // `Bytes` owns. That nobody changes the file meanwhile is what the program asks of its users
    // (docs/decisions/0034): who cuts it short ends the program by a signal, whose message names
    // the file, and who writes into it makes frames whose checksums fail or whose values are new.
    let map = unsafe { Mmap::map(file) }?;
    // Only speed depends on it.
    let _ = map.advise(Advice::Sequential);
    Ok(Bytes::from_owner(map))
}
