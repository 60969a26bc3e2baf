use jobwise_core::{Result, Wire};

use crate::frame::Frame;

/// What was found in a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<M, D> {
    /// What it is a part of: an observation, mostly.
    pub group: String,
    /// What it is sorted by and told from others: small, and known to all ranks in the end.
    pub metadata: M,
    /// The rest, which stays on the rank that has it.
    pub data: D,
}

/// Where something was found, for the order of what is accumulated.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origin {
    pub(super) file: Vec<u8>,
    pub(super) frame: u64,
    /// Of what was found in one frame, the how manyeth it is.
    pub(super) number: u64,
}

impl Origin {
    pub(super) fn of(frame: &Frame, number: u64) -> Origin {
        let Some(place) = frame.place() else {
            return Origin {
                number,
                ..Origin::default()
            };
        };
        Origin {
            file: place.file.as_os_str().as_encoded_bytes().to_vec(),
            frame: place.frame,
            number,
        }
    }
}

impl Wire for Origin {
    fn put(&self, out: &mut Vec<u8>) {
        self.file.put(out);
        (self.frame, self.number).put(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        let file = Vec::take(input)?;
        let (frame, number) = Wire::take(input)?;
        Ok(Origin {
            file,
            frame,
            number,
        })
    }
}
