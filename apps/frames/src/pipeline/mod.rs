//! Modules, one after the other, through which frames go.
//!
//! A [`Pipeline`] has a source and modules. Every frame goes through all modules before the next
//! one is asked for. A closure is a module: what it returns says what becomes of the frame.
//!
//! ```
//! use jobwise_frames::frame::{Frame, FrameType};
//! use jobwise_frames::pipeline::{Pipeline, source};
//!
//! let scans = (0..3).map(|_| Frame::new(FrameType::SCAN));
//! let mut seen = 0;
//! Pipeline::new()
//!     .add("scans", source(scans))
//!     .add("count", |frame: &mut Frame| {
//!         seen += u32::from(frame.kind() == FrameType::SCAN);
//!     })
//!     .run()?;
//! assert_eq!(seen, 3);
//! # Ok::<(), jobwise_frames::pipeline::Error>(())
//! ```

mod error;
mod frames;
mod module;
mod profile;
mod record;
mod source;
#[cfg(test)]
mod tests;

pub use error::{Error, Result};
pub use frames::Frames;
pub use module::{Closure, IntoModule, Itself, Module, Verdict};
pub use profile::{Profile, Usage};
pub use source::{IntoFrame, source};

use std::fmt;

use jobwise_core::{Cancel, Cause};

use crate::frame::{Frame, FrameType, Place};
use profile::Watch;
use record::Record;

/// Modules in their order. With a source it [runs](Pipeline::run); without one it is given frames,
/// by [`push`](Pipeline::push), and an [`end`](Pipeline::end).
#[derive(Default)]
pub struct Pipeline<'p> {
    stages: Vec<Stage<'p>>,
    halt: Cancel,
    has_times: bool,
    has_no_record: bool,
    record: Option<Record>,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    New,
    Begun,
    Over,
}

struct Stage<'p> {
    module: Box<dyn Module + 'p>,
    usage: Usage,
}

impl<'p> Pipeline<'p> {
    /// One without modules.
    pub fn new() -> Pipeline<'p> {
        Pipeline::default()
    }

    /// With a further module of that name, behind the others.
    #[must_use]
    pub fn add<By>(mut self, name: impl Into<String>, module: impl IntoModule<'p, By>) -> Self {
        self.stages.push(Stage {
            module: module.into_module(),
            usage: Usage {
                module: name.into(),
                ..Usage::default()
            },
        });
        self
    }

    /// Without a record of itself among the frames: no `PipelineInfo` frame is put in.
    #[must_use]
    pub fn without_record(mut self) -> Self {
        self.has_no_record = true;
        self
    }

    /// With the times that the modules take.
    #[must_use]
    pub fn with_times(mut self) -> Self {
        self.has_times = true;
        self
    }

    /// Halts when `halt` is cancelled: the source is not asked again, and the pipeline ends as if
    /// nothing more had come.
    #[must_use]
    pub fn halt_on(mut self, halt: &Cancel) -> Self {
        self.halt = halt.clone();
        self
    }

    /// Runs the first module until it puts nothing out, everything it puts out through the others,
    /// and in the end a frame of type `EndProcessing` through these.
    ///
    /// # Errors
    /// The first error of a module; no `EndProcessing` follows it. When the pipeline has run
    /// before, or has no module.
    pub fn run(&mut self) -> Result<Profile> {
        self.begin(1)?;
        while !self.halt.is_cancelled() {
            let mut out = Frames::default();
            self.process(0, None, &mut out)?;
            if out.is_empty() {
                break;
            }
            for frame in out {
                self.forward(frame, 1)?;
            }
        }
        if self.stages.len() > 1 {
            self.forward(Frame::new(FrameType::END_PROCESSING), 1)?;
        }
        self.state = State::Over;
        Ok(self.profile())
    }

    /// Sends a frame through all modules.
    ///
    /// # Errors
    /// The first error of a module; when the pipeline has ended.
    pub fn push(&mut self, frame: Frame) -> Result<()> {
        if self.state == State::New {
            self.begin(0)?;
        }
        if self.state == State::Over {
            return Err(misuse("a frame came after the end of the pipeline"));
        }
        self.forward(frame, 0)
    }

    /// Sends a frame of type `EndProcessing` through all modules. What they took is returned.
    ///
    /// # Errors
    /// The first error of a module; when the pipeline has ended before.
    pub fn end(&mut self) -> Result<Profile> {
        self.push(Frame::new(FrameType::END_PROCESSING))?;
        self.state = State::Over;
        Ok(self.profile())
    }

    /// The first `sources` modules bring frames; the record goes behind them.
    fn begin(&mut self, sources: usize) -> Result<()> {
        if self.state != State::New {
            return Err(misuse("a pipeline runs once"));
        }
        if self.stages.len() < sources {
            return Err(misuse("the pipeline has no modules"));
        }
        self.state = State::Begun;
        if !self.has_no_record {
            let module = |stage: &Stage<'_>| (stage.usage.module.clone(), stage.module.arguments());
            self.record = Some(Record::new(self.stages.iter().map(module).collect()));
        }
        Ok(())
    }

    /// Sends a frame from the source, or from outside, through the modules from `from` on.
    fn forward(&mut self, frame: Frame, from: usize) -> Result<()> {
        let Some(mut record) = self.record.take() else {
            return self.pass(frame, from);
        };
        let mut out = Frames::default();
        record.process(frame, &mut out);
        self.record = Some(record);
        out.into_iter().try_for_each(|frame| self.pass(frame, from))
    }

    fn pass(&mut self, frame: Frame, at: usize) -> Result<()> {
        if at == self.stages.len() {
            return Ok(());
        }
        let is_end = frame.kind().is_end();
        let mut out = Frames::default();
        self.process(at, Some(frame), &mut out)?;
        if is_end && !out.last().is_some_and(|last| last.kind().is_end()) {
            let problem = if out.is_empty() {
                "it put nothing out for EndProcessing; a module passes that frame on"
            } else {
                "what it put out last for EndProcessing is another frame"
            };
            return Err(self.error(at, None, problem.into()));
        }
        out.into_iter()
            .try_for_each(|frame| self.pass(frame, at + 1))
    }

    fn process(&mut self, at: usize, frame: Option<Frame>, out: &mut Frames) -> Result<()> {
        let place = frame.as_ref().and_then(Frame::place).cloned();
        let watch = self.has_times.then(Watch::start);
        let stage = &mut self.stages[at];
        stage.usage.frames += 1;
        let processed = stage.module.process(frame, out);
        if let Some(watch) = watch {
            watch.stop(&mut stage.usage);
        }
        processed.map_err(|cause| self.error(at, place, cause))
    }

    fn error(&self, at: usize, place: Option<Place>, cause: Cause) -> Error {
        Error {
            module: self.stages[at].usage.module.clone(),
            place,
            cause,
        }
    }

    fn profile(&self) -> Profile {
        let usages = self.stages.iter().map(|stage| stage.usage.clone());
        Profile::new(usages.filter(|_| self.has_times).collect())
    }
}

fn misuse(problem: &str) -> Error {
    Error {
        module: "(the pipeline)".into(),
        place: None,
        cause: problem.into(),
    }
}

impl fmt::Debug for Pipeline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.stages.iter().map(|stage| &stage.usage.module);
        f.debug_list().entries(names).finish()
    }
}
