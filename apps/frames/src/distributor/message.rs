use std::path::Path;

use bytes::Bytes;
use jobwise_core::{Cause, Error, Message, Result, Wire};

use crate::frame::{Damage, Digest, Frame, FrameType, Place};
use crate::input;

/// A data frame on its way to the rank that computes it. Its key goes with it as its index; the
/// rank that computes it knows the file and the number by that.
pub(super) enum DataFrame {
    /// The frame.
    Whole(Frame),
    /// The frame, which stands as it is in a file that all ranks of the node see.
    Standing(Frame),
    /// Where it stands.
    Stretch(Stretch),
}

/// Where a frame stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) offset: u64,
    pub(super) length: u64,
    /// What its last bytes are, if nobody has written to the file since.
    checksum: u32,
}

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
    /// A frame of so many bytes is sent as quickly as it is found in its file.
    const SHORT: usize = 128 << 10;

    /// A frame as it was read. `is_seen` says whether other ranks of the node see its bytes in the
    /// file.
    pub(super) fn new(frame: Frame, is_seen: bool) -> DataFrame {
        let length = frame.bytes().map_or(0, Bytes::len);
        if is_seen && length > Self::SHORT {
            DataFrame::Standing(frame)
        } else {
            DataFrame::Whole(frame)
        }
    }
}

impl Stretch {
    fn of(frame: &Frame) -> Option<Stretch> {
        Some(Stretch {
            offset: frame.place()?.offset,
            length: frame.bytes()?.len() as u64,
            checksum: frame.stored_checksum()?,
        })
    }

    /// The frame, from the file at `place`.
    pub(super) fn read(self, place: Place) -> Result<Frame, Cause> {
        let changed = || format!("{place}: the file has changed while it was read");
        let bytes = input::stretch(&place.file, self.offset, self.length)?;
        let bytes = bytes.ok_or_else(changed)?;
        let frame = Frame::parse_checked(&bytes);
        let same = |frame: &Frame| frame.stored_checksum() == Some(self.checksum);
        let mut frame = frame.ok().filter(same).ok_or_else(changed)?;
        frame.set_place(place);
        Ok(frame)
    }
}

/// Frames in messages, and stretches of files.
const WHOLE: u8 = 0;
const STRETCH: u8 = 1;

impl Wire for DataFrame {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            DataFrame::Whole(frame) | DataFrame::Standing(frame) => {
                let offset = frame.place().map_or(0, |place| place.offset);
                (WHOLE, offset).put(out);
                put_frame(frame, out);
            }
            DataFrame::Stretch(stretch) => {
                (STRETCH, stretch.offset).put(out);
                (stretch.length, stretch.checksum).put(out);
            }
        }
    }

    fn put_near(&self, out: &mut Vec<u8>) {
        match self {
            DataFrame::Standing(frame) if let Some(stretch) = Stretch::of(frame) => {
                DataFrame::Stretch(stretch).put(out);
            }
            _ => self.put(out),
        }
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        let mut message = Message::new(input.to_vec());
        let frame = Self::take_message(&mut message)?;
        *input = &input[input.len() - message.as_ref().len()..];
        Ok(frame)
    }

    /// The frame shares the memory of the message.
    fn take_message(input: &mut Message) -> Result<Self> {
        match <(u8, u64)>::take_message(input)? {
            (WHOLE, offset) => {
                let len = usize::take_message(input)?;
                let bytes = input.split_to(len).ok_or_else(cut)?;
                let mut frame = parse(&Bytes::from_owner(bytes))?;
                frame.set_place(Place {
                    file: Path::new("").into(),
                    frame: 0,
                    offset,
                });
                Ok(DataFrame::Whole(frame))
            }
            (STRETCH, offset) => {
                let (length, checksum) = <(u64, u32)>::take_message(input)?;
                Ok(DataFrame::Stretch(Stretch {
                    offset,
                    length,
                    checksum,
                }))
            }
            (other, _) => Err(Error::Malformed(format!("data frame {other}"))),
        }
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

/// A frame whose checksum the rank that read it has found to be right.
fn parse(bytes: &Bytes) -> Result<Frame> {
    let damaged = |damage: Damage| Error::Malformed(format!("a frame was damaged: {damage}"));
    Frame::parse_checked(bytes).map_err(damaged)
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
        let whole = |frame| match frame {
            DataFrame::Whole(frame) => frame,
            _ => panic!("not the frame itself"),
        };
        let sent = DataFrame::new(frame, true).to_bytes();
        let arrived = whole(DataFrame::from_bytes(&sent).unwrap());
        assert_eq!(arrived.bytes(), Some(&bytes));
        assert_eq!(arrived.place().unwrap().offset, 55);
        let told = Metadata::from_bytes(&metadata.to_bytes()).unwrap();
        assert_eq!(told.frame.unwrap().bytes(), Some(&bytes));
        assert_eq!((told.index, told.digest), (9, metadata.digest));
        assert!(DataFrame::from_bytes(&sent[..sent.len() - 1]).is_err());
        let shared = DataFrame::take_message(&mut Message::new(sent.clone())).unwrap();
        assert_eq!(whole(shared).bytes(), Some(&bytes));
        assert!(DataFrame::take_message(&mut Message::new(sent[..30].to_vec())).is_err());
    }
    /// To ranks of the same node, of a file that they see.
    #[test]
    fn long_frames_are_found_in_their_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.g3");
        let mut frame = Frame::new(FrameType::SCAN);
        frame.put("x", vec![1.5; 20_000]);
        let bytes = frame.to_bytes().unwrap();
        let place = Place {
            file: path.as_path().into(),
            frame: 1,
            offset: 33,
        };
        let (mut frame, _) = Frame::parse(&bytes, 0).unwrap();
        frame.set_place(place.clone());
        let near = |frame: &Frame, is_seen| {
            let mut sent = Vec::new();
            DataFrame::new(frame.clone(), is_seen).put_near(&mut sent);
            DataFrame::from_bytes(&sent).unwrap()
        };
        assert!(matches!(near(&frame, false), DataFrame::Whole(_)));
        let far = DataFrame::new(frame.clone(), true).to_bytes();
        let far = DataFrame::from_bytes(&far).unwrap();
        assert!(matches!(far, DataFrame::Whole(_)));
        let DataFrame::Stretch(stretch) = near(&frame, true) else {
            panic!("the frame itself");
        };
        let error = stretch.read(place.clone()).unwrap_err().to_string();
        assert!(error.contains("a.g3: "), "{error}");
        let mut content = vec![0; 33];
        content.extend_from_slice(&bytes);
        std::fs::write(&path, &content).unwrap();
        let found = stretch.read(place.clone()).unwrap();
        assert_eq!((found.bytes(), found.place()), (Some(&bytes), Some(&place)));
        // Another frame is there, or less.
        let last = content.len() - 1;
        content[last] ^= 1;
        std::fs::write(&path, &content).unwrap();
        let error = stretch.read(place.clone()).unwrap_err().to_string();
        assert!(
            error.ends_with("the file has changed while it was read"),
            "{error}"
        );
        std::fs::write(&path, &content[..last]).unwrap();
        assert!(stretch.read(place).is_err());
    }
}
