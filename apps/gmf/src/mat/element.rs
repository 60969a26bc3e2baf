use std::io::{self, Read};

/// Byte order of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    /// The four bytes as a number.
    pub(super) fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Order::Little => u32::from_le_bytes(bytes),
            Order::Big => u32::from_be_bytes(bytes),
        }
    }
}

/// Types of elements, as numbered in the format.
pub(super) mod kind {
    pub(in crate::mat) const INT8: u32 = 1;
    pub(in crate::mat) const UINT8: u32 = 2;
    pub(in crate::mat) const INT16: u32 = 3;
    pub(in crate::mat) const UINT16: u32 = 4;
    pub(in crate::mat) const INT32: u32 = 5;
    pub(in crate::mat) const UINT32: u32 = 6;
    pub(in crate::mat) const SINGLE: u32 = 7;
    pub(in crate::mat) const DOUBLE: u32 = 9;
    pub(in crate::mat) const INT64: u32 = 12;
    pub(in crate::mat) const UINT64: u32 = 13;
    pub(in crate::mat) const MATRIX: u32 = 14;
    pub(in crate::mat) const COMPRESSED: u32 = 15;
    pub(in crate::mat) const UTF8: u32 = 16;
    pub(in crate::mat) const UTF16: u32 = 17;
}

/// What stands before the data of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) kind: u32,
    /// Bytes of data, without padding.
    pub(super) length: u32,
    /// Data of at most four bytes, within the tag.
    pub(super) inline: Option<[u8; 4]>,
}

impl Tag {
    /// Reads a tag; `None` at the end of the stream.
    pub(super) fn read(from: &mut dyn Read, order: Order) -> io::Result<Option<Tag>> {
        let mut start = Vec::with_capacity(8);
        from.take(8).read_to_end(&mut start)?;
        let Ok(bytes) = <[u8; 8]>::try_from(start.as_slice()) else {
            return if start.is_empty() {
                Ok(None)
            } else {
                Err(io::ErrorKind::UnexpectedEof.into())
            };
        };
        let [a, b, c, d, rest @ ..] = bytes;
        let word = order.u32([a, b, c, d]);
        // The small form keeps its length in the upper half of the type.
        Ok(Some(match word >> 16 {
            0 => Tag {
                kind: word,
                length: order.u32(rest),
                inline: None,
            },
            length => Tag {
                kind: word & 0xffff,
                length,
                inline: Some(rest),
            },
        }))
    }

    /// Bytes between the end of the data and the next element.
    pub(super) fn padding(&self) -> u64 {
        match self.inline {
            Some(_) => 0,
            None => (8 - u64::from(self.length) % 8) % 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_in_both_orders() {
        let long = |kind, length| Tag {
            kind,
            length,
            inline: None,
        };
        let read = |bytes: &[u8], order| Tag::read(&mut &bytes[..], order);
        let tag = read(&[9, 0, 0, 0, 5, 0, 0, 0], Order::Little).unwrap();
        assert_eq!(tag, Some(long(9, 5)));
        assert_eq!(tag.unwrap().padding(), 3);
        let tag = read(&[0, 0, 0, 9, 0, 0, 0, 16], Order::Big).unwrap();
        assert_eq!(tag, Some(long(9, 16)));
        assert_eq!(tag.unwrap().padding(), 0);
        let small = Tag {
            kind: 1,
            length: 3,
            inline: Some(*b"abc\0"),
        };
        let little = [1, 0, 3, 0, b'a', b'b', b'c', 0];
        assert_eq!(read(&little, Order::Little).unwrap(), Some(small));
        let big = [0, 3, 0, 1, b'a', b'b', b'c', 0];
        assert_eq!(read(&big, Order::Big).unwrap(), Some(small));
        assert_eq!(small.padding(), 0);
        assert_eq!(read(&[], Order::Big).unwrap(), None);
        assert!(read(&[1, 0, 3], Order::Little).is_err());
    }
}
