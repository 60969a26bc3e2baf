//! The Gram matrix of all windows of an image.

mod along;
mod edges;
mod shifts;
mod stream;
mod sums;
mod total;
mod transforms;

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
    /// From Fourier transforms of the rows, where windows are one pixel apart.
    Transforms,
}

impl Method {
    /// The cheapest one.
    pub fn cheapest(image: &Array2<f32>, windows: &Windows) -> Method {
        let mut costs = vec![
            (Method::Shifts, Shifts::new(image, windows).cost()),
            (Method::Stream, Stream::new(image, windows).cost()),
        ];
        if windows.are_adjacent() {
            costs.push((Method::Transforms, transforms::cost(windows)));
        }
        let cheapest = costs
            .into_iter()
            .min_by(|one, other| one.1.total_cmp(&other.1));
        cheapest.map_or(Method::Shifts, |(method, _)| method)
    }
}

/// `G = M^T M`, `[pixels, pixels]`, where the rows of `M` are the tapered windows of `image`. Same bits for any number of lanes and ranks.
/// Collective.
///
/// # Errors
/// As [`Engine::reduce`].
///
/// # Panics
/// The image is not of the windows' size; or [`Method::Transforms`] is asked for of windows that are
/// more than one pixel apart.
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
        Method::Shifts => {
            let mut gram = Array2::zeros((windows.pixels(), windows.pixels()));
            let shifts = Shifts::new(image, windows);
            for (index, entries) in engine.collect(&shifts)? {
                shifts.place(index, &entries, &mut gram);
            }
            gram
        }
        Method::Transforms => {
            assert!(windows.are_adjacent(), "windows more than a pixel apart");
            transforms::gram(engine, image, windows)?
        }
    };
    let weights = windows.weights();
    for ((p, q), entry) in gram.indexed_iter_mut() {
        *entry *= weights[p] * weights[q];
    }
    Ok(gram)
}
