use bytes::Bytes;
use jobwise_core::{Error, Message, Result, Wire};

use crate::frame::{Damage, Digest, Frame, FrameType, Place};

/// A data frame on its way to the rank that computes it. Its key goes with it as its index.
pub(super) struct DataFrame(pub(super) Frame);

/// What a reader tells of a frame of metadata.
pub(super) struct Metadata {
    pub(super) kind: FrameType,
    pub(super) digest: Digest,
    /// Its key as a number, and its offset in its file.
    pub(super) index: usize,
    pub(super) offset: u64,
    /// The frame itself, where no other reader sends it.
    pub(super) frame: Option<Frame>,
}

impl Metadata {
    /// That a file has no more; `index` is the key of its first frame as a number.
    pub(super) fn end_of_file(index: usize) -> Metadata {
        Metadata {
            kind: FrameType::END_PROCESSING,
            digest: Digest([0; 16]),
            index,
            offset: 0,
            frame: None,
        }
    }
}

impl DataFrame {
    /// The rank that computes it knows the file and the number by the index.
    fn at(offset: u64, mut frame: Frame) -> DataFrame {
        frame.set_place(Place {
            file: std::path::Path::new("").into(),
            frame: 0,
            offset,
        });
        DataFrame(frame)
    }
}

impl Wire for DataFrame {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.place().map_or(0, |place| place.offset).put(out);
        put_frame(&self.0, out);
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        let offset = u64::take(input)?;
        Ok(DataFrame::at(offset, take_frame(input)?))
    }

    /// The frame shares the memory of the message.
    fn take_message(input: &mut Message) -> Result<Self> {
        let offset = u64::take_message(input)?;
        let len = usize::take_message(input)?;
        let bytes = input.split_to(len).ok_or_else(cut)?;
        Ok(DataFrame::at(offset, parse(&Bytes::from_owner(bytes))?))
    }
}

impl Wire for Metadata {
    fn put(&self, out: &mut Vec<u8>) {
        self.kind.0.put(out);
        out.extend_from_slice(&self.digest.0);
        (self.index, self.offset, self.frame.is_some()).put(out);
        if let Some(frame) = &self.frame {
            put_frame(frame, out);
        }
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        let kind = FrameType(u32::take(input)?);
        let short = || Error::Malformed("a digest is cut".into());
        let (digest, rest) = input.split_first_chunk().ok_or_else(short)?;
        *input = rest;
        let (index, offset, has_frame) = <(usize, u64, bool)>::take(input)?;
        Ok(Metadata {
            kind,
            digest: Digest(*digest),
            index,
            offset,
            frame: has_frame.then(|| take_frame(input)).transpose()?,
        })
    }
}

/// Frames that were read have their bytes; nothing changes them on the way.
fn put_frame(frame: &Frame, out: &mut Vec<u8>) {
    let bytes = frame.bytes().map_or(&[][..], |bytes| bytes);
    bytes.len().put(out);
    out.extend_from_slice(bytes);
}

fn take_frame(input: &mut &[u8]) -> Result<Frame> {
    let len = usize::take(input)?;
    let (bytes, rest) = input.split_at_checked(len).ok_or_else(cut)?;
    *input = rest;
    parse(&Bytes::copy_from_slice(bytes))
}

fn parse(bytes: &Bytes) -> Result<Frame> {
    let damaged = |damage: Damage| Error::Malformed(format!("a frame was damaged: {damage}"));
    let (frame, _) = Frame::parse(bytes, 0).map_err(damaged)?;
    Ok(frame)
}

fn cut() -> Error {
    Error::Malformed("a frame is cut".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Value;

    #[test]
    fn frames_travel_with_their_bytes() {
        let mut frame = Frame::new(FrameType::SCAN);
        frame.put("n", Value::from(7i64));
        let bytes = frame.to_bytes().unwrap();
        let (mut frame, _) = Frame::parse(&bytes, 0).unwrap();
        frame.set_place(Place {
            file: std::path::Path::new("a.g3").into(),
            frame: 3,
            offset: 55,
        });
        let metadata = Metadata {
            kind: FrameType::SCAN,
            digest: frame.digest().unwrap(),
            index: 9,
            offset: 55,
            frame: Some(frame.clone()),
        };
        let sent = DataFrame(frame).to_bytes();
        let arrived = DataFrame::from_bytes(&sent).unwrap().0;
        assert_eq!(arrived.bytes(), Some(&bytes));
        assert_eq!(arrived.place().unwrap().offset, 55);
        let told = Metadata::from_bytes(&metadata.to_bytes()).unwrap();
        assert_eq!(told.frame.unwrap().bytes(), Some(&bytes));
        assert_eq!((told.index, told.digest), (9, metadata.digest));
        assert!(DataFrame::from_bytes(&sent[..sent.len() - 1]).is_err());
        let shared = DataFrame::take_message(&mut Message::new(sent.clone())).unwrap();
        assert_eq!(shared.0.bytes(), Some(&bytes));
        assert!(DataFrame::take_message(&mut Message::new(sent[..30].to_vec())).is_err());
    }
}
