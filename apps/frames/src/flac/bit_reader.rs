//! Bits from bytes, the highest first.

use super::error::Problem;

/// Where a reader is. It is small and copied into the loops that read.
#[derive(Clone, Copy, Debug)]
pub(super) struct BitReader<'a> {
    data: &'a [u8],
    /// The next byte that is not counted in `have`.
    at: usize,
    /// The next bits, the first one highest. Behind `have` of them are bits of `data`, or zeros.
    word: u64,
    have: u32,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(data: &'a [u8], at: usize) -> BitReader<'a> {
        BitReader {
            data,
            at,
            word: 0,
            have: 0,
        }
    }

    /// At least 56 bits in `word`, unless the data end before.
    #[inline(always)]
    fn refill(&mut self) {
        let next = self.data.get(self.at..).and_then(<[u8]>::first_chunk);
        if let Some(&next) = next {
            self.word |= u64::from_be_bytes(next) >> self.have;
            self.at += ((63 - self.have) >> 3) as usize;
            self.have |= 0b11_1000;
        } else {
            self.refill_at_the_end();
        }
    }

    #[cold]
    #[inline(never)]
    fn refill_at_the_end(&mut self) {
        while self.have < 56 {
            let Some(&byte) = self.data.get(self.at) else {
                return;
            };
            self.word |= u64::from(byte) << (56 - self.have);
            self.at += 1;
            self.have += 8;
        }
    }

    /// The next `count` bits as a number; at most 56.
    #[inline(always)]
    pub(super) fn unsigned(&mut self, count: u32) -> Result<u64, Problem> {
        if count > self.have {
            self.refill();
            if count > self.have {
                return Err(Problem::Cut);
            }
        }
        // In two steps: a shift by 64 is none.
        let value = self.word >> 1 >> (63 - count);
        self.skip(count);
        Ok(value)
    }

    /// The next `count` bits as a number with a sign; at most 56.
    #[inline(always)]
    pub(super) fn signed(&mut self, count: u32) -> Result<i64, Problem> {
        if count == 0 {
            return Ok(0);
        }
        let value = self.unsigned(count)?;
        Ok((value << (64 - count)) as i64 >> (64 - count))
    }

    /// How many zeros come before the next one, which is passed over too.
    pub(super) fn zeros(&mut self) -> Result<u64, Problem> {
        let mut zeros = 0;
        loop {
            self.refill();
            let here = self.word.leading_zeros().min(self.have);
            zeros += u64::from(here);
            if here < self.have {
                self.skip(here + 1);
                return Ok(zeros);
            }
            if self.have == 0 {
                return Err(Problem::Cut);
            }
            self.skip(here);
        }
    }

    /// A number in Rice's code with the parameter `k`, at most 31.
    #[inline(always)]
    pub(super) fn rice(&mut self, k: u32) -> Result<i64, Problem> {
        self.refill();
        self.rice_of_word(k)
    }

    /// As [`rice`](Self::rice), for numbers behind another one: mostly their bits are there.
    #[inline(always)]
    pub(super) fn rice_of_word(&mut self, k: u32) -> Result<i64, Problem> {
        let zeros = self.word.leading_zeros();
        let used = zeros + 1 + k;
        let folded = if used <= self.have {
            let low = ((self.word << zeros) << 1) >> 1 >> (63 - k);
            self.word <<= used;
            self.have -= used;
            u64::from(zeros) << k | low
        } else {
            self.long_rice(k)?
        };
        Ok((folded >> 1) as i64 ^ -((folded & 1) as i64))
    }

    #[cold]
    #[inline(never)]
    fn long_rice(&mut self, k: u32) -> Result<u64, Problem> {
        let zeros = self.zeros()?;
        // No residual has more than 32 bits.
        if zeros > u64::from(u32::MAX >> k) {
            return Err(Problem::Beyond);
        }
        Ok(zeros << k | self.unsigned(k)?)
    }

    /// Passes over bits that are there: at most `have`, which is at most 63.
    #[inline(always)]
    fn skip(&mut self, count: u32) {
        self.word <<= count;
        self.have -= count;
    }

    /// Passes over what is left of a byte that was begun; it must be zeros. Bytes from the begin of
    /// the data to here.
    pub(super) fn align(&mut self) -> Result<usize, Problem> {
        let rest = self.have % 8;
        if self.unsigned(rest)? != 0 {
            return Err(Problem::Content);
        }
        Ok(self.at - (self.have / 8) as usize)
    }
}
