use jobwise_core::{Cause, Notice, NoticeHandler, Wire};

use super::message::Metadata;
use super::sequence::ADVICE;
use super::store::{MetadataStore, Own};
use super::{Distribution, Key, Lanes, Mode, Worker};
use crate::frame::{Frame, FrameType, Place};

/// What a rank that computes makes of the metadata that readers tell of.
pub(super) struct MetadataHandler<'d, W> {
    pub(super) distribution: &'d Distribution,
    pub(super) store: &'d MetadataStore,
    pub(super) lanes: &'d Lanes<'d, W>,
    /// How many readers this rank hears.
    pub(super) readers: usize,
}

impl<W: Worker> MetadataHandler<'_, W> {
    fn place(&self, metadata: &Metadata) -> Option<Place> {
        Key::from_index(metadata.index).place(&self.distribution.files, metadata.offset)
    }

    /// The frame, with its place.
    fn frame(&self, metadata: Metadata) -> Result<Frame, Cause> {
        let place = self.place(&metadata);
        let mut frame = metadata.frame.ok_or("a reader sent no frame")?;
        if let Some(place) = place {
            frame.set_place(place);
        }
        Ok(frame)
    }

    /// The same metadata from all readers: those of the first one go on.
    fn common(&self, told: Vec<Metadata>) -> Result<(), Cause> {
        let count = told.len();
        let mut told = told.into_iter();
        let first = told.next().ok_or("no metadata")?;
        let at = |metadata: &Metadata| match self.place(metadata) {
            Some(Place { file, .. }) if metadata.kind.is_end() => {
                format!("{}: the end", file.display())
            }
            Some(place) => format!("{place} (type {})", metadata.kind),
            None => format!("a frame of type {}", metadata.kind),
        };
        if let Some(other) =
            told.find(|other| (other.kind, other.digest) != (first.kind, first.digest))
        {
            let (first, other) = (at(&first), at(&other));
            return Err(format!("{other} comes where {first} is in the other file{ADVICE}").into());
        }
        if count != self.readers {
            let first = at(&first);
            return Err(format!("{first} is metadata that other files do not have{ADVICE}").into());
        }
        if first.kind.is_end() {
            return Ok(());
        }
        self.store.append(first.index, self.frame(first)?);
        self.lanes.catch_up()
    }
}

impl<W: Worker> NoticeHandler for MetadataHandler<'_, W> {
    fn in_step(&self, notice: &[u8]) -> bool {
        let kind = u32::take(&mut &*notice).map(FrameType);
        let is_record = kind.is_ok_and(|kind| kind == FrameType::PIPELINE_INFO);
        self.distribution.mode == Mode::Strict && !is_record
    }

    fn handle(&mut self, notices: &[Notice]) -> Result<(), Cause> {
        if let [notice] = notices
            && !self.in_step(&notice.bytes)
        {
            let metadata = Metadata::from_bytes(&notice.bytes)?;
            let own = Own {
                digest: metadata.digest,
                index: metadata.index,
                frame: self.frame(metadata)?,
            };
            self.store.set(notice.reader, own);
            return Ok(());
        }
        let told = notices
            .iter()
            .map(|notice| Metadata::from_bytes(&notice.bytes));
        self.common(told.collect::<Result<_, _>>()?)
    }

    fn item(&mut self, reader: usize, index: usize) {
        self.store.hand_out(reader, index);
    }
}
