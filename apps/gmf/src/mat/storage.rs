use super::element::{Order, kind};

/// How the numbers of an element are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Storage {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

impl Storage {
    /// The storage of an element of that type; `None` where it holds no numbers.
    pub(super) fn of(element: u32) -> Option<Storage> {
        Some(match element {
            kind::INT8 => Storage::I8,
            kind::UINT8 => Storage::U8,
            kind::INT16 => Storage::I16,
            kind::UINT16 => Storage::U16,
            kind::INT32 => Storage::I32,
            kind::UINT32 => Storage::U32,
            kind::INT64 => Storage::I64,
            kind::UINT64 => Storage::U64,
            kind::SINGLE => Storage::F32,
            kind::DOUBLE => Storage::F64,
            _ => return None,
        })
    }

    /// Bytes per number.
    pub(super) fn size(self) -> usize {
        match self {
            Storage::I8 | Storage::U8 => 1,
            Storage::I16 | Storage::U16 => 2,
            Storage::I32 | Storage::U32 | Storage::F32 => 4,
            Storage::I64 | Storage::U64 | Storage::F64 => 8,
        }
    }

    /// Calls `each` for every number, nearest `f64`; the bytes are whole numbers.
    pub(super) fn numbers(self, order: Order, bytes: &[u8], each: impl FnMut(f64)) {
        macro_rules! decode {
            ($type:ty) => {{
                let (numbers, _) = bytes.as_chunks::<{ size_of::<$type>() }>();
                match order {
                    Order::Little => numbers
                        .iter()
                        .map(|b| <$type>::from_le_bytes(*b) as f64)
                        .for_each(each),
                    Order::Big => numbers
                        .iter()
                        .map(|b| <$type>::from_be_bytes(*b) as f64)
                        .for_each(each),
                }
            }};
        }
        #[allow(clippy::cast_lossless)] // one body for all types
        match self {
            Storage::I8 => decode!(i8),
            Storage::U8 => decode!(u8),
            Storage::I16 => decode!(i16),
            Storage::U16 => decode!(u16),
            Storage::I32 => decode!(i32),
            Storage::U32 => decode!(u32),
            Storage::I64 => decode!(i64),
            Storage::U64 => decode!(u64),
            Storage::F32 => decode!(f32),
            Storage::F64 => decode!(f64),
        }
    }
}
