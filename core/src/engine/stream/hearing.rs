use super::notice::{Notice, NoticeHandler};
use super::own::Own;
use super::streaming::{Incoming, Pulled};
use crate::{Arrival, Error, Result};

/// A rank that computes what its own feed brings.
pub(super) struct Hearing<'f, I> {
    own: Own<'f, I>,
    rank: usize,
    handler: &'f mut dyn NoticeHandler,
}

impl<'f, I> Hearing<'f, I> {
    pub(super) fn new(own: Own<'f, I>, rank: usize, handler: &'f mut dyn NoticeHandler) -> Self {
        Hearing { own, rank, handler }
    }

    /// How many items were read.
    pub(super) fn read(&self) -> usize {
        self.own.read()
    }
}

impl<I> Incoming<I> for Hearing<'_, I> {
    fn pull(&mut self, _: usize) -> Result<Pulled<I>> {
        loop {
            match self.own.poll()? {
                Arrival::Notice(bytes) => {
                    let notice = Notice {
                        reader: self.rank,
                        bytes,
                    };
                    self.handler.handle(&[notice]).map_err(Error::Program)?;
                }
                Arrival::Item(index, item) => {
                    self.handler.item(self.rank, index);
                    return Ok(Pulled::Item(index, item));
                }
                Arrival::Wait => return Ok(Pulled::Wait),
                Arrival::End => return Ok(Pulled::End),
            }
        }
    }
}
