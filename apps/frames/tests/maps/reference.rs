//! Frames of the reference data.

use std::path::Path;

use bytes::Bytes;
use jobwise_frames::frame::{Frame, Place};

/// All frames of a file.
pub(crate) fn frames(path: impl AsRef<Path>) -> Vec<Frame> {
    let path = path.as_ref();
    let bytes = Bytes::from(std::fs::read(path).unwrap());
    let (mut at, mut frames) = (0, Vec::new());
    while at < bytes.len() {
        let (mut frame, end) = Frame::parse(&bytes, at).unwrap();
        frame.set_place(Place {
            file: path.into(),
            frame: frames.len() as u64,
            offset: at as u64,
        });
        frames.push(frame);
        at = end;
    }
    frames
}
