use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use crate::earth::Layers;
use crate::forward::{Responder, Response, Wanted};

/// A response that a chain asks for and waits for. Memory is reused.
#[derive(Debug, Default)]
pub struct Asked {
    /// Which of the soundings that are inferred together.
    pub(super) sounding: usize,
    conductivity: Vec<f64>,
    thickness: Vec<f64>,
    height_change: f64,
    wanted: Wanted,
    response: Response,
    is_open: bool,
}

impl Asked {
    /// A response that is wanted at once, where the sounding was measured.
    #[cfg(feature = "cuda")]
    pub(crate) fn new(sounding: usize, layers: Layers<'_>, wanted: Wanted) -> Asked {
        Asked {
            sounding,
            conductivity: layers.conductivity().to_vec(),
            thickness: layers.thickness().to_vec(),
            wanted,
            ..Asked::default()
        }
    }

    /// The same, so many m above.
    #[cfg(all(test, feature = "cuda"))]
    pub(crate) fn set_height_change(&mut self, height_change: f64) {
        self.height_change = height_change;
    }

    /// Which of the soundings that are inferred together.
    pub fn sounding(&self) -> usize {
        self.sounding
    }

    /// The layers.
    pub fn layers(&self) -> Layers<'_> {
        Layers::checked(&self.conductivity, &self.thickness)
    }

    /// m above where the systems were.
    pub fn height_change(&self) -> f64 {
        self.height_change
    }

    /// What is computed beside the values.
    pub fn wanted(&self) -> Wanted {
        self.wanted
    }

    /// The response is there.
    pub(super) fn close(&mut self) {
        self.is_open = false;
    }

    /// The layers, and where their response goes.
    pub fn parts(&mut self) -> (Layers<'_>, &mut Response) {
        let layers = Layers::checked(&self.conductivity, &self.thickness);
        (layers, &mut self.response)
    }
}

/// The responder of a chain whose responses are computed together with those of other chains.
///
/// Wakers are not called: who computes asks all chains again.
#[derive(Clone, Debug, Default)]
pub(super) struct Deferred(Arc<Mutex<Asked>>);

impl Deferred {
    pub(super) fn of(sounding: usize) -> Deferred {
        let asked = Asked {
            sounding,
            ..Asked::default()
        };
        Deferred(Arc::new(Mutex::new(asked)))
    }

    /// What is asked for, while the chain waits.
    pub(super) fn asked(&self) -> MutexGuard<'_, Asked> {
        // What panicked has ended.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Responder for Deferred {
    async fn respond(
        &mut self,
        layers: Layers<'_>,
        height_change: f64,
        wanted: Wanted,
        response: &mut Response,
    ) {
        {
            let mut asked = self.asked();
            asked.conductivity.clear();
            asked.conductivity.extend(layers.conductivity());
            asked.thickness.clear();
            asked.thickness.extend(layers.thickness());
            (asked.height_change, asked.wanted) = (height_change, wanted);
            std::mem::swap(&mut asked.response, response);
            asked.is_open = true;
        }
        Closed(self).await;
        std::mem::swap(&mut self.asked().response, response);
    }
}

/// Waits until a response is there.
struct Closed<'d>(&'d Deferred);

impl Future for Closed<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0.asked().is_open {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }
}
