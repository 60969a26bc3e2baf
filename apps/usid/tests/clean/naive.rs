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

/// The overlap average of every window's projection on `kept`, weighted by the taper.
pub(crate) fn clean(image: &Array2<f32>, windows: &Windows, kept: &Array2<f64>) -> Array2<f64> {
    let matrix = matrix(image, windows);
    let projected = matrix.dot(&kept.t()).dot(kept);
    let (tx, ty) = (
        windows.taper.weights(windows.x.window),
        windows.taper.weights(windows.y.window),
    );
    let mut sum = Array2::<f64>::zeros(image.dim());
    let mut weight = Array2::<f64>::zeros(image.dim());
    for ((w, p), value) in projected.indexed_iter() {
        let [x, y] = windows.origin(w);
        let (a, b) = (p / windows.y.window, p % windows.y.window);
        let taper = tx[a] * ty[b];
        sum[[x + a, y + b]] += taper * value;
        weight[[x + a, y + b]] += taper * taper;
    }
    sum.zip_mut_with(&weight, |sum, &weight| {
        *sum = if weight > 0.0 { *sum / weight } else { 0.0 }
    });
    sum
}
