use std::sync::{Arc, Mutex, PoisonError};

use jobwise_core::Cause;

use super::entry::{Found, Origin};
use crate::frame::Frame;
use crate::pipeline::{Frames, Module};

/// Something found, and where.
pub(super) type Kept<M, D> = (Origin, Found<M, D>);

/// Keeps what modules of several pipelines find, on this rank.
#[derive(Debug)]
pub struct Accumulator<M, D> {
    kept: Arc<Mutex<Vec<Kept<M, D>>>>,
}

impl<M, D> Default for Accumulator<M, D> {
    fn default() -> Self {
        Accumulator {
            kept: Arc::default(),
        }
    }
}

impl<M: Send, D: Send> Accumulator<M, D> {
    /// One that has nothing yet.
    pub fn new() -> Accumulator<M, D> {
        Accumulator::default()
    }

    /// A module of a pipeline: `extract` is asked what it finds in each frame but the last, and the
    /// frame goes on.
    pub fn module<'p>(
        &self,
        extract: impl FnMut(&Frame) -> Result<Option<Found<M, D>>, Cause> + Send + 'p,
    ) -> Box<dyn Module + 'p>
    where
        M: 'p,
        D: 'p,
    {
        Box::new(Collecting {
            kept: Arc::clone(&self.kept),
            extract: Box::new(extract),
            number: 0,
        })
    }

    /// What was kept.
    pub(super) fn take(self) -> Vec<Kept<M, D>> {
        std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

type Extract<'p, M, D> = dyn FnMut(&Frame) -> Result<Option<Found<M, D>>, Cause> + Send + 'p;

struct Collecting<'p, M, D> {
    kept: Arc<Mutex<Vec<Kept<M, D>>>>,
    extract: Box<Extract<'p, M, D>>,
    /// How many it has found.
    number: u64,
}

impl<M: Send, D: Send> Module for Collecting<'_, M, D> {
    fn process(&mut self, frame: Option<Frame>, out: &mut Frames) -> Result<(), Cause> {
        let frame = frame.ok_or("this module needs frames")?;
        if !frame.kind().is_end()
            && let Some(found) = (self.extract)(&frame)?
        {
            let origin = Origin::of(&frame, self.number);
            self.number += 1;
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push((origin, found));
        }
        out.push(frame);
        Ok(())
    }
}
