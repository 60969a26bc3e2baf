use jobwise_core::Cause;

use super::Frames;
use crate::frame::Frame;

/// A stage of a pipeline.
pub trait Module: Send {
    /// What becomes of a frame: it is put out or not, others with it or in its place. The first
    /// module is asked without a frame, until it puts nothing out. The last frame of all is of the
    /// type [`END_PROCESSING`](crate::frame::FrameType::END_PROCESSING), and a module puts it out
    /// last; the first module does not see it.
    ///
    /// # Errors
    /// Whatever ends the pipeline; where the frame was read and the name of the module are added.
    fn process(&mut self, frame: Option<Frame>, out: &mut Frames) -> Result<(), Cause>;

    /// Its arguments, by name and as text, for the record of the pipeline.
    fn arguments(&self) -> Vec<(String, String)> {
        Vec::new()
    }
}

impl<M: Module + ?Sized> Module for Box<M> {
    fn process(&mut self, frame: Option<Frame>, out: &mut Frames) -> Result<(), Cause> {
        (**self).process(frame, out)
    }

    fn arguments(&self) -> Vec<(String, String)> {
        (**self).arguments()
    }
}

/// What a closure says of a frame: `()` or true, it goes on; false, it is dropped; a frame or a
/// list, they go on in its place; an error ends the pipeline.
pub trait Verdict {
    /// Puts out what goes on.
    ///
    /// # Errors
    /// That of the closure.
    fn decide(self, frame: Frame, out: &mut Frames) -> Result<(), Cause>;
}

impl Verdict for () {
    fn decide(self, frame: Frame, out: &mut Frames) -> Result<(), Cause> {
        out.push(frame);
        Ok(())
    }
}

impl Verdict for bool {
    fn decide(self, frame: Frame, out: &mut Frames) -> Result<(), Cause> {
        // The end is not dropped by a closure that looks for something else.
        if self || frame.kind().is_end() {
            out.push(frame);
        }
        Ok(())
    }
}

impl Verdict for Frame {
    fn decide(self, _: Frame, out: &mut Frames) -> Result<(), Cause> {
        out.push(self);
        Ok(())
    }
}

impl Verdict for Option<Frame> {
    fn decide(self, _: Frame, out: &mut Frames) -> Result<(), Cause> {
        out.extend(self);
        Ok(())
    }
}

impl Verdict for Vec<Frame> {
    fn decide(self, _: Frame, out: &mut Frames) -> Result<(), Cause> {
        out.extend(self);
        Ok(())
    }
}

impl<V: Verdict, E: Into<Cause>> Verdict for Result<V, E> {
    fn decide(self, frame: Frame, out: &mut Frames) -> Result<(), Cause> {
        self.map_err(Into::into)?.decide(frame, out)
    }
}

/// What can be a module: a [`Module`], or a closure of a frame with a [`Verdict`].
pub trait IntoModule<'p, By> {
    /// The module.
    fn into_module(self) -> Box<dyn Module + 'p>;
}

/// It is a module itself.
#[derive(Debug)]
pub struct Itself;

/// It is a closure with this verdict.
#[derive(Debug)]
pub struct Closure<V>(V);

impl<'p, M: Module + 'p> IntoModule<'p, Itself> for M {
    fn into_module(self) -> Box<dyn Module + 'p> {
        Box::new(self)
    }
}

impl<'p, V, F> IntoModule<'p, Closure<V>> for F
where
    V: Verdict,
    F: FnMut(&mut Frame) -> V + Send + 'p,
{
    fn into_module(mut self) -> Box<dyn Module + 'p> {
        Box::new(ByClosure(move |mut frame: Frame, out: &mut Frames| {
            let verdict = self(&mut frame);
            verdict.decide(frame, out)
        }))
    }
}

struct ByClosure<F>(F);

impl<F: FnMut(Frame, &mut Frames) -> Result<(), Cause> + Send> Module for ByClosure<F> {
    fn process(&mut self, frame: Option<Frame>, out: &mut Frames) -> Result<(), Cause> {
        match frame {
            Some(frame) => (self.0)(frame, out),
            None => Err("this module needs frames: a pipeline begins with a source".into()),
        }
    }
}
