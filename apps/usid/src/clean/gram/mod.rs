//! The Gram matrix of all windows of an image.

mod along;
mod shifts;
mod stream;
mod sums;

use jobwise_core::{Backend, Cpu, Engine};
use ndarray::Array2;

pub use shifts::Shifts;
pub use stream::Stream;

use super::windows::Windows;

/// How the matrix is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By shifts, without windows: cost independent of the step.
    Shifts,
    /// From blocks of windows: cost proportional to their number.
    Stream,
}

impl Method {
    /// The cheaper one.
    pub fn cheapest(image: &Array2<f32>, windows: &Windows) -> Method {
        if Stream::new(image, windows).cost() < Shifts::new(image, windows).cost() {
            Method::Stream
        } else {
            Method::Shifts
        }
    }
}

/// `G = M^T M`, `[pixels, pixels]`, where the rows of `M` are the tapered windows of `image`. Same bits for any number of lanes and ranks.
/// Collective.
///
/// # Errors
/// As [`Engine::reduce`].
///
/// # Panics
/// The image is not of the windows' size.
pub fn gram<B: Backend<Device = Cpu>>(
    engine: &Engine<'_, B>,
    image: &Array2<f32>,
    windows: &Windows,
    method: Method,
) -> jobwise_core::Result<Array2<f64>> {
    assert_eq!(
        image.dim(),
        (windows.x.image, windows.y.image),
        "the image has another size"
    );
    let mut gram = match method {
        Method::Stream => return stream::gram(engine, image, windows),
        Method::Shifts => Array2::zeros((windows.pixels(), windows.pixels())),
    };
    let shifts = Shifts::new(image, windows);
    for (index, entries) in engine.collect(&shifts)? {
        shifts.place(index, &entries, &mut gram);
    }
    let weights = windows.weights();
    for ((p, q), entry) in gram.indexed_iter_mut() {
        *entry *= weights[p] * weights[q];
    }
    Ok(gram)
}
