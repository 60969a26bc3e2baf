use super::slots::Slots;
use crate::engine::outputs::Outputs;
use crate::{Backend, Cause, Error, Indices, Next, Result, Scheduler};

/// Where the items of a rank come from.
pub(super) trait Incoming<I> {
    /// The next item, for a backend that wants `want`; notices in front of it were handled.
    fn pull(&mut self, want: usize) -> Result<Pulled<I>>;
}

/// What is there for a rank that computes.
pub(super) enum Pulled<I> {
    Item(usize, I),
    /// Nothing at this moment.
    Wait,
    End,
}

/// A run over a stream, from the side of a rank that computes.
pub(super) struct Streaming<'c, 's, 'f, B, O, I> {
    incoming: &'f mut dyn Incoming<I>,
    slots: &'f Slots<I>,
    pub(super) outputs: Outputs<'c, 's, B, O>,
    /// An item that the sink does not want to be started yet.
    held: Option<(usize, I)>,
    has_ended: bool,
}

impl<'c, 's, 'f, B: Backend, O, I> Streaming<'c, 's, 'f, B, O, I> {
    pub(super) fn new(
        incoming: &'f mut dyn Incoming<I>,
        slots: &'f Slots<I>,
        outputs: Outputs<'c, 's, B, O>,
    ) -> Self {
        Streaming {
            incoming,
            slots,
            outputs,
            held: None,
            has_ended: false,
        }
    }

    /// The next item that is not done; `None` when there is none at this moment.
    fn next_item(&mut self, want: usize) -> Result<Option<(usize, I)>> {
        if let Some(held) = self.held.take() {
            return Ok(Some(held));
        }
        while !self.has_ended {
            let (index, item) = match self.incoming.pull(want)? {
                Pulled::Item(index, item) => (index, item),
                Pulled::Wait => break,
                Pulled::End => {
                    self.has_ended = true;
                    break;
                }
            };
            self.outputs.more();
            let done = self.outputs.sink.done(index..index + 1);
            if !done.map_err(Error::Sink)?.contains(index) {
                return Ok(Some((index, item)));
            }
            self.outputs.skip(1);
        }
        Ok(None)
    }

    fn try_next(&mut self, want: usize) -> Result<Next> {
        if self.outputs.is_stopping()? {
            return Ok(Next::Stop);
        }
        if self.outputs.is_due() {
            self.outputs.commit();
        }
        let mut items = Indices::new();
        while items.len() < want
            && let Some((index, item)) = self.next_item(want)?
        {
            if index >= self.outputs.sink.limit().map_err(Error::Sink)? {
                self.held = Some((index, item));
                break;
            }
            self.slots.put(index, item);
            items.push(index..index + 1);
        }
        if want == 0 {
            // A sink looks after its peers here.
            self.outputs.sink.limit().map_err(Error::Sink)?;
        }
        Ok(if !items.is_empty() {
            Next::Start(items)
        } else if want > 0 && self.has_ended && self.held.is_none() {
            Next::Finished
        } else {
            Next::Wait
        })
    }
}

impl<B: Backend, O, I> Scheduler<O> for Streaming<'_, '_, '_, B, O, I> {
    fn next(&mut self, want: usize) -> Next {
        let next = self.try_next(want).unwrap_or_else(|error| {
            self.outputs.fail(error);
            Next::Stop
        });
        // What is finished is kept, also where an item at work takes longer than the others wait.
        if matches!(next, Next::Stop) && self.outputs.has_fresh() {
            self.outputs.commit();
        }
        next
    }

    fn done(&mut self, index: usize, outcome: Result<O, Cause>) {
        self.outputs.take(index, outcome);
        self.outputs.observe();
        if self.outputs.is_due() {
            self.outputs.commit();
        }
    }
}
