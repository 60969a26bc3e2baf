use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use bytes::Bytes;
use jobwise_core::{Error, Result, Wire};

use crate::frame::{self, Damage, Frame, Place};

/// A frame as its bytes, and where it was read: what travels between ranks. The bytes of a frame
/// that nothing has changed are those of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    place: Option<Place>,
    bytes: Bytes,
}

impl Packed {
    /// That of a frame.
    ///
    /// # Errors
    /// An object of the frame has no form as bytes.
    pub fn new(frame: &Frame) -> frame::Result<Packed> {
        Ok(Packed {
            place: frame.place().cloned(),
            bytes: frame.to_bytes()?,
        })
    }

    /// The frame.
    ///
    /// # Errors
    /// The bytes are no frame, as only a damaged message has them.
    pub fn frame(&self) -> Result<Frame, Damage> {
        let mut frame = Frame::parse_checked(&self.bytes)?;
        if let Some(place) = &self.place {
            frame.set_place(place.clone());
        }
        Ok(frame)
    }

    /// Where it was read, with a colon behind it; nothing for a frame that was made here.
    pub(crate) fn at(&self) -> String {
        let place = self.place.as_ref();
        place.map(|place| format!("{place}: ")).unwrap_or_default()
    }
}

impl Wire for Packed {
    fn put(&self, out: &mut Vec<u8>) {
        let told = self.place.as_ref().map(|place| {
            let file = place.file.as_os_str().as_bytes().to_vec();
            (file, place.frame, place.offset)
        });
        told.put(out);
        self.bytes.len().put(out);
        out.extend_from_slice(&self.bytes);
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        let told = <Option<(Vec<u8>, u64, u64)> as Wire>::take(input)?;
        let len = usize::take(input)?;
        let cut = || Error::Malformed("a frame is cut".into());
        let (bytes, rest) = input.split_at_checked(len).ok_or_else(cut)?;
        *input = rest;
        Ok(Packed {
            place: told.map(|(file, frame, offset)| Place {
                file: Path::new(OsStr::from_bytes(&file)).into(),
                frame,
                offset,
            }),
            bytes: Bytes::copy_from_slice(bytes),
        })
    }
}
