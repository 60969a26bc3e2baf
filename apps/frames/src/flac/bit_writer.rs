//! Bits into bytes, the highest first.

/// Where bits go.
#[derive(Debug)]
pub(super) struct BitWriter<'a> {
    bytes: &'a mut Vec<u8>,
    /// The bits that are no whole byte yet, at the low end: fewer than 32.
    word: u64,
    have: u32,
}

impl<'a> BitWriter<'a> {
    /// Writes behind `bytes`.
    pub(super) fn new(bytes: &'a mut Vec<u8>) -> BitWriter<'a> {
        BitWriter {
            bytes,
            word: 0,
            have: 0,
        }
    }

    /// The low `count` bits of `value`; at most 32.
    #[inline(always)]
    pub(super) fn put(&mut self, value: u64, count: u32) {
        self.word = self.word << count | value & ((1 << count) - 1);
        self.have += count;
        if self.have >= 32 {
            self.have -= 32;
            let four = (self.word >> self.have) as u32;
            self.bytes.extend_from_slice(&four.to_be_bytes());
        }
    }

    /// A number with a sign, in `count` bits.
    #[inline(always)]
    pub(super) fn put_signed(&mut self, value: i64, count: u32) {
        self.put(value as u64, count);
    }

    /// So many zeros and a one.
    #[inline(always)]
    pub(super) fn put_zeros(&mut self, mut zeros: u64) {
        while zeros >= 32 {
            self.put(0, 32);
            zeros -= 32;
        }
        self.put(1, zeros as u32 + 1);
    }

    /// Zeros up to the end of a byte.
    pub(super) fn align(self) {
        if self.have > 0 {
            let bytes = ((self.word << (32 - self.have)) as u32).to_be_bytes();
            let count = self.have.div_ceil(8) as usize;
            self.bytes.extend_from_slice(&bytes[..count]);
        }
    }
}
