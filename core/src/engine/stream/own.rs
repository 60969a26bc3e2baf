use crate::{Arrival, Error, Feed, Result};

/// The feed of a rank: its items are counted, and their indices ascend.
pub(super) struct Own<'f, I> {
    feed: &'f mut dyn Feed<I>,
    last: Option<usize>,
    read: usize,
}

impl<'f, I> Own<'f, I> {
    pub(super) fn new(feed: &'f mut dyn Feed<I>) -> Own<'f, I> {
        Own {
            feed,
            last: None,
            read: 0,
        }
    }

    /// How many items it brought.
    pub(super) fn read(&self) -> usize {
        self.read
    }

    /// What has come.
    pub(super) fn poll(&mut self) -> Result<Arrival<I>> {
        let arrival = self.feed.poll().map_err(Error::Program)?;
        if let Arrival::Item(index, _) = arrival {
            self.read += 1;
            if let Some(before) = self.last.replace(index)
                && before >= index
            {
                return Err(Error::Program(
                    format!("the feed brought item {index} after item {before}").into(),
                ));
            }
        }
        Ok(arrival)
    }
}
