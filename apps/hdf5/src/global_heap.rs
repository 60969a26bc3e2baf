//! Heaps of texts and lists of variable length: the global heap collections of a file.
//!
//! The library walks from object to object by the lengths that it finds, and goes on for ever, or
//! beyond the heap, where these are damaged. So heaps are looked at before the library reads them,
//! and read here where that is all that is needed.

use std::collections::HashMap;
use std::io;
use std::ops::Range;

/// Bytes before the first object, and those of an object before its content, in files whose
/// lengths take up to 8 bytes.
pub(super) const HEAD: usize = 16;

/// Bytes of a length in files of the usual kind.
const USUAL: usize = 8;

/// The objects of a heap by their indices; of several with one index the last, as in the library.
#[derive(Debug)]
pub(super) struct Heap {
    bytes: Vec<u8>,
    objects: HashMap<u32, Range<usize>>,
}

impl Heap {
    /// Takes the bytes of a heap, of a file whose lengths take `width` bytes (1 to 8).
    ///
    /// # Errors
    /// They are no heap, or its objects do not lie one behind the other within it.
    pub(super) fn new(bytes: Vec<u8>, width: usize) -> io::Result<Heap> {
        let whole = length(&bytes, width) == Some(bytes.len() as u64);
        let found = objects(&bytes, width).filter(|_| whole);
        let found = found.ok_or_else(damaged)?;
        let objects = found.into_iter().filter(|(index, _)| *index != 0).collect();
        Ok(Heap { bytes, objects })
    }

    /// The content of an object; `None` where the heap has none of this index.
    pub(super) fn object(&self, index: u32) -> Option<&[u8]> {
        self.objects.get(&index).map(|at| &self.bytes[at.clone()])
    }
}

/// How long a heap says it is; `None` of what does not begin as one.
pub(super) fn length(beginning: &[u8], width: usize) -> Option<u64> {
    let is_heap = beginning.starts_with(b"GCOL\x01\0\0\0");
    number(beginning, 8, width).filter(|_| is_heap)
}

/// Refuses a heap whose objects do not lie one behind the other within it. The library first reads
/// the beginning of a heap to learn its length: that much is not judged.
///
/// # Errors
/// The heap is damaged.
pub(super) fn check(heap: &[u8]) -> io::Result<()> {
    // What is no heap, the library refuses itself.
    let whole = length(heap, USUAL).and_then(|length| heap.get(..usize::try_from(length).ok()?));
    match whole.map(|heap| objects(heap, USUAL)) {
        Some(None) => Err(damaged()),
        Some(Some(_)) | None => Ok(()),
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a heap of texts is damaged")
}

/// The number of `width` bytes at a place.
fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let mut number = [0; 8];
    number
        .get_mut(..width)?
        .copy_from_slice(bytes.get(at..at.checked_add(width)?)?);
    Some(u64::from_le_bytes(number))
}

/// Indices and contents of all objects, the free space (index 0) too; `None` where they do not lie
/// one behind the other within the heap.
fn objects(heap: &[u8], width: usize) -> Option<Vec<(u32, Range<usize>)>> {
    let mut found = Vec::new();
    let mut at = HEAD;
    while at + HEAD <= heap.len() {
        let size = usize::try_from(number(heap, at + 8, width)?).ok()?;
        let index = u32::from(u16::from_le_bytes([heap[at], heap[at + 1]]));
        // The free space counts its own head; the others are filled up to whole words.
        let step = if index == 0 {
            Some(size).filter(|&size| size >= HEAD)?
        } else {
            size.checked_next_multiple_of(8)?.checked_add(HEAD)?
        };
        let next = at.checked_add(step).filter(|&next| next <= heap.len())?;
        found.push((index, at + HEAD..next.min((at + HEAD).saturating_add(size))));
        at = next;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A heap of 4096 bytes with two objects and free space.
    fn heap() -> Vec<u8> {
        let mut heap = vec![0; 4096];
        heap[..5].copy_from_slice(b"GCOL\x01");
        heap[8..16].copy_from_slice(&4096_u64.to_le_bytes());
        let mut put = |at: usize, index: u8, size: u64| {
            heap[at] = index;
            heap[at + 8..at + 16].copy_from_slice(&size.to_le_bytes());
        };
        put(16, 1, 5);
        put(40, 2, 16);
        put(72, 0, 4096 - 72);
        heap
    }

    #[test]
    fn a_sound_heap_passes() {
        assert!(check(&heap()).is_ok());
        // The beginning of a longer one.
        let mut longer = heap();
        longer[8..16].copy_from_slice(&8192_u64.to_le_bytes());
        assert!(check(&longer).is_ok());
        assert!(check(b"HEAP").is_ok() && check(&[]).is_ok());
    }

    #[test]
    fn lengths_that_lead_nowhere_are_refused() {
        for (at, size) in [
            (80, 0_u64),
            (80, 15),
            (80, 5000),
            (24, u64::MAX),
            (24, u64::MAX - 7),
            (48, 5000),
        ] {
            let mut heap = heap();
            heap[at..at + 8].copy_from_slice(&size.to_le_bytes());
            assert!(check(&heap).is_err(), "{at}: {size}");
        }
    }

    #[test]
    fn the_library_does_not_hang_over_one() {
        use crate::{attributes, file_access};
        use hdf5::types::VarLenUnicode;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("texts.h5");
        let file = file_access::create(&path).unwrap();
        attributes::write_text(&file, "title", "a text of variable length").unwrap();
        file.close().unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let heap = bytes.windows(4).position(|four| four == b"GCOL").unwrap();
        // The length of the free space behind the text.
        let free = heap + HEAD + HEAD + 32 + 8;
        assert_ne!(bytes[free..free + 8], [0; 8]);
        bytes[free..free + 8].fill(0);
        std::fs::write(&path, bytes).unwrap();
        let file = file_access::open(&path).unwrap();
        let read = file.attr("title").unwrap().read_raw::<VarLenUnicode>();
        let error = read.unwrap_err().to_string();
        assert!(error.contains("damaged"), "{error}");
    }
}
