use std::ops::Range;

/// Bytes that begin at a multiple of 64, so that elements of any type lie well.
#[derive(Debug)]
pub(crate) struct Aligned {
    bytes: Vec<u8>,
    used: Range<usize>,
}

impl Aligned {
    const TO: usize = 64;

    /// `len` zeros, or `None` when there is no memory for them.
    pub(crate) fn zeros(len: usize) -> Option<Aligned> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(len.checked_add(Self::TO)?).ok()?;
        bytes.resize(len + Self::TO, 0);
        let first = bytes.as_ptr().align_offset(Self::TO);
        let used = first..first.checked_add(len)?;
        (used.end <= bytes.len()).then_some(Aligned { bytes, used })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[self.used.clone()]
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.used.clone()]
    }
}
