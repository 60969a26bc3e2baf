use crate::Cause;

/// Items that come one after the other, of a number that nobody knows beforehand: what
/// [`Engine::stream`](crate::Engine::stream) computes.
pub trait Feed<I> {
    /// What has come. Called on the thread that runs the engine, only while there is room for an
    /// item, and not again after the end. It returns within milliseconds: what takes longer is read
    /// [ahead](crate::read_ahead).
    ///
    /// # Errors
    /// Whatever ends the stream early; the run ends on every rank.
    fn poll(&mut self) -> Result<Arrival<I>, Cause>;
}

impl<I, F: Feed<I> + ?Sized> Feed<I> for &mut F {
    fn poll(&mut self) -> Result<Arrival<I>, Cause> {
        (**self).poll()
    }
}

/// What a [`Feed`] has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival<I> {
    /// An item with its index, which is larger than all earlier ones of this feed and comes from no
    /// other feed.
    Item(usize, I),
    /// Something that every rank that computes is told before any later item of this feed, by a
    /// [`NoticeHandler`](crate::NoticeHandler).
    Notice(Vec<u8>),
    /// Nothing at this moment.
    Wait,
    /// Nothing more will come.
    End,
}
