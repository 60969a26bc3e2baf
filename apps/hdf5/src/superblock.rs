//! The end of an HDF5 file, as its superblock says.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// The first bytes of an HDF5 file, or of what comes after its user block.
const SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";

/// The end that a superblock says, and where it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    at: u64,
    pub(super) end: u64,
}

/// Whether the signature is where the format has it: at 0, 512, 1024, 2048, ...
pub(super) fn has_signature(file: &File) -> io::Result<bool> {
    let length = file.metadata()?.len();
    let places = std::iter::once(0).chain((9..63).map(|power| 1_u64 << power));
    for place in places.take_while(|place| place + 8 <= length) {
        let mut bytes = [0; 8];
        file.read_exact_at(&mut bytes, place)?;
        if bytes == SIGNATURE {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The end of a file with a superblock of the kind that this program writes: version 0 or 1,
/// addresses and lengths of 8 bytes, at the beginning of the file. `None` for any other file.
pub(super) fn end_of(file: &File) -> io::Result<Option<End>> {
    let mut bytes = [0; 52];
    if !fill(file, &mut bytes)? || bytes[..8] != SIGNATURE {
        return Ok(None);
    }
    let base = match (bytes[8], bytes[13], bytes[14]) {
        (0, 8, 8) => 24,
        (1, 8, 8) => 28,
        _ => return Ok(None),
    };
    let number = |at: usize| bytes[at..].first_chunk().map(|n| u64::from_le_bytes(*n));
    let end = number(base + 16).filter(|_| number(base) == Some(0));
    Ok(end.map(|end| End {
        at: base as u64 + 16,
        end,
    }))
}

/// How long a file is by its superblock, of any version that begins the file. `None` for any other
/// file.
pub(super) fn promised(file: &File) -> io::Result<Option<u64>> {
    if let Some(end) = end_of(file)? {
        return Ok(Some(end.end));
    }
    let mut bytes = [0; 48];
    let is_later = fill(file, &mut bytes)?
        && bytes[..8] == SIGNATURE
        && matches!(bytes[8], 2 | 3)
        && bytes[9..11] == [8, 8];
    let number = |at: usize| bytes[at..].first_chunk().map(|n| u64::from_le_bytes(*n));
    Ok(number(28).filter(|_| is_later && number(12) == Some(0)))
}

/// Says another end: a single write of 8 bytes.
pub(super) fn set_end(file: &File, place: End, end: u64) -> io::Result<()> {
    file.write_all_at(&end.to_le_bytes(), place.at)
}

/// Whether the file has so many bytes; they are then in `bytes`.
fn fill(file: &File, bytes: &mut [u8]) -> io::Result<bool> {
    match file.read_exact_at(bytes, 0) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
