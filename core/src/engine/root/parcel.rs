use crate::comm::Wire;
use crate::{Error, Result};

/// What a worker sends to root.
pub(super) enum Parcel<O> {
    Output(usize, O),
    Failed(usize),
    End,
}

impl<O: Wire> Wire for Parcel<O> {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Parcel::Output(index, output) => {
                0u8.put(out);
                index.put(out);
                output.put(out);
            }
            Parcel::Failed(index) => {
                1u8.put(out);
                index.put(out);
            }
            Parcel::End => 2u8.put(out),
        }
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        match u8::take(input)? {
            0 => Ok(Parcel::Output(usize::take(input)?, O::take(input)?)),
            1 => Ok(Parcel::Failed(usize::take(input)?)),
            2 => Ok(Parcel::End),
            other => Err(Error::Malformed(format!("parcel {other}"))),
        }
    }
}

/// What root sends to a worker: how many parcels it took since the last permit, the index from
/// which on nothing is to be started, and how many parcels may be on their way; `None` is the last
/// one of a run.
pub(super) type Permit = Option<(usize, usize, usize)>;
