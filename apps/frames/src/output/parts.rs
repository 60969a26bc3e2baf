//! A stream of frames in several files.

use std::path::{Path, PathBuf};

use super::error::Error;
use super::pattern::Pattern;
use super::writer::{Finished, Writer};
use crate::frame::{Frame, FrameType};

/// When a new file begins.
#[derive(Clone, Debug, Default)]
pub struct Division {
    /// When the file has more bytes than this, before compression. It is looked at before a frame
    /// is written, so files exceed it by a frame.
    pub bytes: Option<u64>,
    /// When the file has so many frames of data.
    pub data: Option<u64>,
    /// With each frame of one of these types.
    pub types: Vec<FrameType>,
}

/// Writes frames into numbered files.
///
/// The metadata of a stream, the newest frame of each type that is no data, stand at the begin of
/// each file, in the order in which their types were first seen.
#[derive(Debug)]
pub struct Parts {
    pattern: Pattern,
    division: Division,
    /// Whether files appear only when all of them are complete.
    are_together: bool,
    current: Option<Writer>,
    /// Frames of data in the current file.
    data: u64,
    finished: Vec<Finished>,
    written: Vec<PathBuf>,
    metadata: Vec<Frame>,
}

impl Parts {
    /// Files whose names have their number, from 0, in the place of a `%d`, `%3d` or `%03d` of
    /// `pattern`; `%%` stands for a `%`.
    ///
    /// # Errors
    /// The pattern has no place for a number or several, its name has no extension of G3 files, or
    /// files could have no bytes.
    pub fn new(pattern: impl AsRef<Path>, division: Division) -> Result<Parts, Error> {
        if division.bytes == Some(0) {
            return Err(Error::Division);
        }
        let pattern = Pattern::new(pattern.as_ref())?;
        Ok(Parts {
            pattern,
            division,
            are_together: false,
            current: None,
            data: 0,
            finished: Vec::new(),
            written: Vec::new(),
            metadata: Vec::new(),
        })
    }

    /// Files appear when all of them are complete: after an error there are none.
    #[must_use]
    pub fn together(mut self) -> Parts {
        self.are_together = true;
        self
    }

    /// The files so far.
    pub fn written(&self) -> &[PathBuf] {
        &self.written
    }

    /// Writes a frame; a new file begins with it when the division says so.
    ///
    /// # Errors
    /// As [`Writer::create`], [`Writer::write`] and [`Writer::finish`].
    pub fn write(&mut self, frame: &Frame) -> Result<(), Error> {
        let divides = self.divides(frame);
        self.write_in(frame, divides)
    }

    /// The same where somebody else says whether a new file begins with the frame.
    ///
    /// # Errors
    /// As [`write`](Parts::write).
    pub fn write_in(&mut self, frame: &Frame, is_first: bool) -> Result<(), Error> {
        if frame.kind() == FrameType::END_PROCESSING {
            return Ok(());
        }
        if is_first {
            self.close()?;
        }
        let is_metadata = !frame.kind().is_data();
        let mut writer = match self.current.take() {
            Some(writer) => writer,
            None => self.open(frame)?,
        };
        writer.write(frame)?;
        self.current = Some(writer);
        self.data += u64::from(!is_metadata);
        if is_metadata {
            let same = |known: &&mut Frame| known.kind() == frame.kind();
            match self.metadata.iter_mut().find(same) {
                Some(known) => *known = frame.clone(),
                None => self.metadata.push(frame.clone()),
            }
        }
        Ok(())
    }

    /// Whether a new file begins with the frame.
    fn divides(&self, frame: &Frame) -> bool {
        let Some(writer) = &self.current else {
            return false;
        };
        let division = &self.division;
        let is_long = division.bytes.is_some_and(|most| writer.bytes() > most);
        let is_full = division.data.is_some_and(|most| self.data >= most);
        is_long || is_full || division.types.contains(&frame.kind())
    }

    /// The next file, with the metadata so far; `frame` comes next and is not written twice.
    fn open(&mut self, frame: &Frame) -> Result<Writer, Error> {
        let path = self.pattern.name(self.written.len());
        let mut writer = Writer::create(&path)?;
        self.written.push(path);
        self.data = 0;
        let others = self.metadata.iter();
        for known in others.filter(|known| known.kind() != frame.kind()) {
            writer.write(known)?;
        }
        Ok(writer)
    }

    fn close(&mut self) -> Result<(), Error> {
        let Some(writer) = self.current.take() else {
            return Ok(());
        };
        let finished = writer.force()?;
        if self.are_together {
            self.finished.push(finished);
            return Ok(());
        }
        finished.appear()
    }

    /// Ends the last file. Which files there are.
    ///
    /// # Errors
    /// As [`Writer::finish`].
    pub fn finish(mut self) -> Result<Vec<PathBuf>, Error> {
        self.close()?;
        for finished in self.finished {
            finished.appear()?;
        }
        Ok(self.written)
    }
}
