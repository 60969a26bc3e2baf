//! Heaps of texts and lists of variable length, looked at before the library reads them.
//!
//! The library walks from object to object by the lengths that it finds, and goes on for ever, or
//! beyond the heap, where these are damaged.

use std::io;

/// Bytes before the first object, and those of an object before its content.
const HEAD: usize = 16;

/// Refuses a heap whose objects do not lie one behind the other within it. The library first reads
/// the beginning of a heap to learn its length: that much is not judged.
///
/// # Errors
/// The heap is damaged.
pub(super) fn check(heap: &[u8]) -> io::Result<()> {
    if is_sound(heap) {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidData,
        "a heap of texts is damaged",
    ))
}

fn is_sound(heap: &[u8]) -> bool {
    let number = |at: usize| -> Option<usize> {
        let bytes = heap.get(at..)?.first_chunk::<8>()?;
        usize::try_from(u64::from_le_bytes(*bytes)).ok()
    };
    // What is no heap, the library refuses itself.
    let Some(length) = number(8).filter(|_| heap.starts_with(b"GCOL\x01\0\0\0")) else {
        return true;
    };
    if length > heap.len() {
        return true;
    }
    let mut at = HEAD;
    while at + HEAD <= length {
        let (Some(size), index) = (number(at + 8), &heap[at..at + 2]) else {
            return false;
        };
        // The free space, object 0, counts its own head; the others are filled up to whole words.
        let step = if index == [0, 0] {
            Some(size).filter(|&size| size >= HEAD)
        } else {
            size.checked_next_multiple_of(8)
                .and_then(|size| size.checked_add(HEAD))
        };
        match step.and_then(|step| at.checked_add(step)) {
            Some(next) if next <= length => at = next,
            _ => return false,
        }
    }
    true
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
        use crate::{attributes, unlocked};
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("texts.h5");
        let file = unlocked::create(&path).unwrap();
        attributes::write_text(&file, "title", "a text of variable length").unwrap();
        file.close().unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let heap = bytes.windows(4).position(|four| four == b"GCOL").unwrap();
        // The length of the free space behind the text.
        let free = heap + HEAD + HEAD + 32 + 8;
        assert_ne!(bytes[free..free + 8], [0; 8]);
        bytes[free..free + 8].fill(0);
        std::fs::write(&path, bytes).unwrap();
        let file = unlocked::open(&path).unwrap();
        let error = attributes::read_text(&file, "title")
            .unwrap_err()
            .to_string();
        assert!(error.contains("damaged"), "{error}");
    }
}
