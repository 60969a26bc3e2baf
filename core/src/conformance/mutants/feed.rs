use super::Flaw;
use crate::conformance::ToyItem;
use crate::{Arrival, Cause, Feed};

/// The feed of every stream of a subject: hands everything on, unless it has a flaw.
pub(in crate::conformance) struct FaultyFeed<'f, F> {
    inner: &'f mut F,
    loses_cause: bool,
}

impl<'f, F> FaultyFeed<'f, F> {
    pub(in crate::conformance) fn new(inner: &'f mut F, flaw: Option<Flaw>) -> Self {
        FaultyFeed {
            inner,
            loses_cause: flaw == Some(Flaw::LosesCause),
        }
    }
}

impl<F: Feed<ToyItem>> Feed<ToyItem> for FaultyFeed<'_, F> {
    fn poll(&mut self) -> Result<Arrival<ToyItem>, Cause> {
        match self.inner.poll() {
            Err(_) if self.loses_cause => Err("a feed failed".into()),
            polled => polled,
        }
    }
}
