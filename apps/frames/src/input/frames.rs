//! Frame after frame of one input.

use std::io::{self, BufRead, BufReader, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use super::error::{Error, Problem};
use super::form::Form;
use super::mapped::Mapped;
use super::network::Sender;
use super::options::Options;
use crate::frame::{self, Damage, Frame, FrameType, Place};

/// Where the bytes of frames come from.
pub(super) enum Source {
    /// They are all at hand.
    Mapped(Mapped),
    /// They come one after the other; from a sender, who may come back.
    Stream {
        stream: Box<dyn BufRead + Send>,
        sender: Option<Sender>,
    },
}

/// What was read so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Whole frames.
    pub frames: u64,
    /// Their bytes, before compression.
    pub bytes: u64,
    /// `EndProcessing` frames, which are no frames of a file and were dropped.
    pub ends: u64,
    /// Damaged frames that were passed over.
    pub damaged: u64,
    /// Inputs without a frame.
    pub empty: u64,
    /// Senders that kept quiet for too long.
    pub late: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.frames += other.frames;
        self.bytes += other.bytes;
        self.ends += other.ends;
        self.damaged += other.damaged;
        self.empty += other.empty;
        self.late += other.late;
    }
}

/// The frames of one file, pipe or connection, each with its [`Place`]. It ends behind the first
/// error.
pub struct Input {
    file: Arc<Path>,
    source: Source,
    form: Form,
    options: Options,
    /// The next frame of the file, and where it begins.
    frame: u64,
    offset: u64,
    tally: Tally,
    has_ended: bool,
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input")
            .field("file", &self.file)
            .field("form", &self.form)
            .field("frame", &self.frame)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

impl Input {
    pub(super) fn new(file: Arc<Path>, source: Source, form: Form, options: &Options) -> Input {
        Input {
            file,
            source,
            form,
            options: options.clone(),
            frame: 0,
            offset: 0,
            tally: Tally::default(),
            has_ended: false,
        }
    }

    /// The name under which it was opened, or `standard input`.
    pub fn file(&self) -> &Arc<Path> {
        &self.file
    }

    /// Whether frames are parts of a plain file that is mapped.
    pub(crate) fn is_mapped(&self) -> bool {
        matches!(self.source, Source::Mapped(_))
    }

    /// What was read so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    fn place(&self) -> Place {
        Place {
            file: self.file.clone(),
            frame: self.frame,
            offset: self.offset,
        }
    }

    fn error(&self, problem: impl Into<Problem>) -> Error {
        Error {
            file: self.file.clone(),
            place: Some(self.place()),
            is_compressed: self.form != Form::Plain,
            problem: problem.into(),
        }
    }

    /// The next frame and its length.
    fn read(&mut self) -> Result<Option<(Frame, u64)>, Problem> {
        loop {
            let (stream, sender) = match &mut self.source {
                Source::Mapped(mapped) => {
                    let at = self.offset as usize;
                    if at == mapped.bytes().len() {
                        return Ok(None);
                    }
                    mapped.passed(at);
                    let (frame, end) = Frame::parse(mapped.bytes(), at)?;
                    return Ok(Some((frame, (end - at) as u64)));
                }
                Source::Stream { stream, sender } => (stream, sender),
            };
            // What ends here ends between frames.
            let is_over = match stream.fill_buf() {
                Ok(bytes) => bytes.is_empty(),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if sender.is_some() && is_late(&error) => {
                    self.tally.late += 1;
                    let told = self.error(self.late());
                    log::warn!("{told}; taken for the end");
                    return Ok(None);
                }
                Err(error) if self.options.reconnects && is_reset(&error) => {
                    let (file, frame) = (self.file.display(), self.frame);
                    log::warn!("{file}: before frame {frame}: {error}; taken for its end");
                    true
                }
                Err(error) => return Err(error.into()),
            };
            if is_over {
                let Some(sender) = sender.as_ref().filter(|_| self.options.reconnects) else {
                    return Ok(None);
                };
                let limit = self.options.timeout;
                let connection = match sender.connection(limit) {
                    Ok(connection) => connection,
                    Err(problem) => {
                        log::info!("{}; taken for the end", self.error(problem));
                        return Ok(None);
                    }
                };
                log::info!("{}: connected again", self.file.display());
                *stream = Box::new(BufReader::with_capacity(1 << 16, connection));
                continue;
            }
            let read = Frame::read(stream);
            let is_sent = sender.is_some();
            let read = read.map_err(|damage| match damage.problem {
                frame::Problem::Io(ref error) if is_sent && is_late(error) => self.late(),
                _ => damage.into(),
            })?;
            return Ok(read.map(|frame| {
                let length = frame.bytes().map_or(0, Bytes::len) as u64;
                (frame, length)
            }));
        }
    }

    /// Nothing came in time.
    fn late(&self) -> Problem {
        Problem::Late(self.options.timeout.unwrap_or_default())
    }

    /// Past a frame of so many bytes.
    fn advance(&mut self, length: u64) {
        self.frame += 1;
        self.offset += length;
    }

    fn end(&mut self) -> Option<Result<Frame, Error>> {
        self.has_ended = true;
        if self.frame > 0 {
            return None;
        }
        self.tally.empty += 1;
        let error = Error {
            place: None,
            ..self.error(Problem::Empty)
        };
        if self.options.is_strict {
            return Some(Err(error));
        }
        log::warn!("{error}");
        None
    }
}

impl Iterator for Input {
    type Item = Result<Frame, Error>;

    fn next(&mut self) -> Option<Result<Frame, Error>> {
        while !self.has_ended {
            let problem = match self.read() {
                Ok(None) => return self.end(),
                Ok(Some((mut frame, length))) => {
                    let is_end = frame.kind() == FrameType::END_PROCESSING;
                    if is_end && self.options.is_strict {
                        self.has_ended = true;
                        return Some(Err(self.error(Problem::EndProcessing)));
                    }
                    frame.set_place(self.place());
                    self.tally.frames += 1;
                    self.tally.bytes += length;
                    if is_end {
                        self.tally.ends += 1;
                        log::warn!("{}; it is dropped", self.error(Problem::EndProcessing));
                    }
                    self.advance(length);
                    if is_end {
                        continue;
                    }
                    return Some(Ok(frame));
                }
                Err(problem) => problem,
            };
            let error = self.error(problem);
            if let Problem::Frame(Damage {
                length: Some(length),
                ..
            }) = error.problem
                && self.options.skips_damage
            {
                log::warn!("{error}; passed over");
                self.tally.damaged += 1;
                self.advance(length);
                continue;
            }
            self.has_ended = true;
            return Some(Err(error));
        }
        None
    }
}

/// Whether nothing came in time, at the begin of a frame or within one.
fn is_late(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Whether the other end has given the connection up.
fn is_reset(error: &io::Error) -> bool {
    let kind = error.kind();
    matches!(
        kind,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted
    )
}
