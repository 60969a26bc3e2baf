//! Cleaning as it is defined, window by window.

use jobwise_usid::clean::Windows;
use ndarray::Array2;

/// Every window's tapered pixels, `[windows, pixels]`.
pub(crate) fn matrix(image: &Array2<f32>, windows: &Windows) -> Array2<f64> {
    let (tx, ty) = (
        windows.taper.weights(windows.x.window),
        windows.taper.weights(windows.y.window),
    );
    Array2::from_shape_fn((windows.count(), windows.pixels()), |(w, p)| {
        let [x, y] = windows.origin(w);
        let (a, b) = (p / windows.y.window, p % windows.y.window);
        f64::from(image[[x + a, y + b]]) * (tx[a] * ty[b])
    })
}

/// The largest magnitude of the difference.
pub(crate) fn distance(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
    assert_eq!(a.dim(), b.dim());
    a.iter()
        .zip(b)
        .fold(0.0, |largest, (a, b)| f64::max(largest, (a - b).abs()))
}
