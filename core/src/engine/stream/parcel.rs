use crate::comm::Wire;
use crate::{Error, Result};

/// What a reader sends to a rank that computes.
pub(super) enum Parcel<I> {
    Items(Vec<(usize, I)>),
    /// Nothing more, after so many items to this rank.
    End(u64),
}

impl<I: Wire> Wire for Parcel<I> {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Parcel::Items(items) => {
                0u8.put(out);
                items.put(out);
            }
            Parcel::End(sent) => {
                1u8.put(out);
                sent.put(out);
            }
        }
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        match u8::take(input)? {
            0 => Vec::take(input).map(Parcel::Items),
            1 => u64::take(input).map(Parcel::End),
            other => Err(Error::Malformed(format!("parcel {other}"))),
        }
    }
}

/// What a rank that computes tells a reader: how many of its items were taken up since, and how
/// many may now be on their way; `None` is the last one of a run.
pub(super) type Credit = Option<(usize, usize)>;
