use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use jobwise_core::{Arrival, Cause, Feed, Wire};

use super::message::{DataFrame, Metadata};
use super::sequence::Sequence;
use super::steps::{Step, steps};
use super::{Distribution, Key, Mode};
use crate::frame::{Digest, Frame, FrameType};
use crate::input::{self, Input, Tally};

/// What one reader brings: data frames as items, metadata as notices.
pub(super) struct FileFeed<'d> {
    distribution: &'d Distribution,
    /// Whether it sends the metadata that all readers have.
    is_first: bool,
    /// Whether other ranks of the node see the same files.
    are_seen: bool,
    steps: VecDeque<Step>,
    current: Option<(Step, Input)>,
    /// The last metadata of each type that were sent.
    sent: HashMap<FrameType, Digest>,
    /// The last metadata of each type in this file.
    of_file: HashMap<FrameType, Digest>,
    sequence: (u32, Sequence),
    pace: Option<Pace>,
    tally: Tally,
}

impl<'d> FileFeed<'d> {
    /// Of reader `reader` of `readers`; `are_seen` says whether other ranks of its node see the
    /// same files.
    pub(super) fn new(
        distribution: &'d Distribution,
        reader: usize,
        readers: usize,
        are_seen: bool,
    ) -> Self {
        let steps = steps(&distribution.files, distribution.mode, reader, readers);
        FileFeed {
            distribution,
            is_first: reader == 0,
            are_seen,
            steps: steps.into(),
            current: None,
            sent: HashMap::new(),
            of_file: HashMap::new(),
            sequence: (0, Sequence::default()),
            pace: distribution.pace.map(Pace::new),
            tally: Tally::default(),
        }
    }

    /// What was read so far.
    pub(super) fn tally(&self) -> Tally {
        let current = self.current.as_ref().map(|(_, input)| input.tally());
        let mut tally = self.tally;
        tally += current.unwrap_or_default();
        tally
    }

    /// The next frame of this reader, or the end of a file, with what it does with the file.
    fn next(&mut self) -> Result<Option<(Step, Option<Frame>)>, Cause> {
        loop {
            if let Some((step, input)) = &mut self.current {
                let step = *step;
                if let Some(frame) = input.next() {
                    return Ok(Some((step, Some(frame?))));
                }
                self.tally += input.tally();
                if step.is_compared {
                    self.sequence.1.end_file(input.file())?;
                }
                self.current = None;
                return Ok(Some((step, None)));
            }
            let Some(step) = self.steps.pop_front() else {
                return Ok(None);
            };
            let block = &self.distribution.files.blocks()[step.block as usize];
            let file = &block.files()[step.file as usize];
            self.current = Some((step, input::open(file, &self.distribution.input)?));
            self.of_file.clear();
            if self.sequence.0 != step.block {
                self.sequence = (step.block, Sequence::default());
            }
            self.sequence.1.next_file();
        }
    }

    /// What a frame of metadata becomes, unless it says nothing new.
    fn metadata(&mut self, step: Step, frame: Frame) -> Result<Option<Arrival<DataFrame>>, Cause> {
        let (kind, digest) = (frame.kind(), frame.digest()?);
        let place = frame.place().ok_or("a frame without a place")?.clone();
        let is_record = kind == FrameType::PIPELINE_INFO;
        if step.is_compared && !is_record && self.of_file.insert(kind, digest) != Some(digest) {
            self.sequence.1.next(kind, digest, &place)?;
        }
        if self.sent.insert(kind, digest) == Some(digest) {
            return Ok(None);
        }
        let is_told_by_all = self.distribution.mode == Mode::Strict && !is_record;
        let metadata = Metadata {
            kind,
            digest,
            index: key(step, place.frame).index()?,
            offset: place.offset,
            frame: (self.is_first || !is_told_by_all).then_some(frame),
        };
        Ok(Some(Arrival::Notice(metadata.to_bytes())))
    }
}

fn key(step: Step, frame: u64) -> Key {
    Key {
        block: step.block,
        file: step.file,
        frame,
    }
}

impl Feed<DataFrame> for FileFeed<'_> {
    fn poll(&mut self) -> Result<Arrival<DataFrame>, Cause> {
        if self.pace.as_ref().is_some_and(|pace| !pace.is_due()) {
            return Ok(Arrival::Wait);
        }
        while let Some((step, frame)) = self.next()? {
            let Some(frame) = frame else {
                if step.is_compared {
                    let end = Metadata::end_of_file(key(step, 0).index()?);
                    return Ok(Arrival::Notice(end.to_bytes()));
                }
                continue;
            };
            if !self.distribution.data.contains(&frame.kind()) {
                if let Some(arrival) = self.metadata(step, frame)? {
                    return Ok(arrival);
                }
            } else if step.brings_data {
                let number = frame.place().map_or(0, |place| place.frame);
                if let Some(pace) = &mut self.pace {
                    pace.next();
                }
                let current = self.current.as_ref();
                let is_mapped = current.is_some_and(|(_, input)| input.is_mapped());
                let frame = DataFrame::new(frame, self.are_seen && is_mapped);
                return Ok(Arrival::Item(key(step, number).index()?, frame));
            }
        }
        Ok(Arrival::End)
    }
}

/// So many data frames a second.
struct Pace {
    every: Duration,
    due: Instant,
}

impl Pace {
    fn new(rate: f64) -> Pace {
        Pace {
            every: Duration::from_secs_f64(1.0 / rate),
            due: Instant::now(),
        }
    }

    fn is_due(&self) -> bool {
        Instant::now() >= self.due
    }

    fn next(&mut self) {
        // What is late is not caught up with.
        self.due = (self.due + self.every).max(Instant::now());
    }
}
