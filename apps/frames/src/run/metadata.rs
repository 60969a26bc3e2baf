use std::collections::HashMap;

use jobwise_core::Cause;

use crate::distributor::Key;
use crate::frame::{Digest, Frame, FrameType};

/// A frame of metadata on its way into a file.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    /// Its key as a number.
    pub(super) index: usize,
    pub(super) digest: Digest,
    pub(super) frame: Frame,
}

impl Metadata {
    pub(super) fn new(key: Key, frame: Frame) -> Result<Metadata, Cause> {
        Ok(Metadata {
            index: key.index()?,
            digest: frame.digest()?,
            frame,
        })
    }

    /// The order in which those that precede a data frame are written. Files that are read side by
    /// side may all have them; then it depends on the readers from which of these they are.
    pub(super) fn order(&self) -> impl Ord + use<> {
        let Key { block, file, frame } = Key::from_index(self.index);
        (block, frame, file)
    }
}

/// The newest metadata of each type in a file that is written.
#[derive(Debug, Default)]
pub(super) struct Newest(HashMap<FrameType, Digest>);

impl Newest {
    /// Whether these are others than the newest of their type; they are the newest then.
    pub(super) fn changes(&mut self, kind: FrameType, digest: Digest) -> bool {
        self.0.insert(kind, digest) != Some(digest)
    }
}
