use bytes::Bytes;
use crc_fast::{CrcAlgorithm, Digest};

/// The CRC-32C of names and objects, one after the other. It begins with 0, and is not inverted at
/// its end.
#[derive(Debug)]
pub(super) struct Checksum(Digest);

impl Checksum {
    pub(super) fn new() -> Checksum {
        Checksum(Digest::new_with_init_state(CrcAlgorithm::Crc32Iscsi, 0))
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn value(&self) -> u32 {
        !self.0.finalize() as u32
    }
}

/// What the existing library computes where an object has 4 GiB or more: it takes lengths for
/// numbers of 32 bits.
pub(super) fn with_short_lengths<'a>(parts: impl Iterator<Item = &'a Bytes>) -> u32 {
    let mut checksum = Checksum::new();
    for part in parts {
        let length = part.len() as u64 % (1 << 32);
        checksum.add(&part[..length as usize]);
    }
    checksum.value()
}
