use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::{Response, Wanted};
use crate::earth::Layers;

/// What computes the responses that a chain asks for: at once, or later with those of other chains.
///
/// A chain is a future: it waits where it asks for a response. A responder that computes at once
/// makes it a plain computation ([`at_once`]).
pub trait Responder: Send {
    /// Computes what the systems of a sounding measure over these layers, `height_change` m above
    /// where they were.
    fn respond(
        &mut self,
        layers: Layers<'_>,
        height_change: f64,
        wanted: Wanted,
        response: &mut Response,
    ) -> impl Future<Output = ()> + Send;
}

/// The output of a future whose responder computes at once.
///
/// # Panics
/// The future waits for something.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    let future = pin!(future);
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a response was not computed at once"),
    }
}
