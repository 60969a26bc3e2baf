use std::f64::consts::PI;

/// What every window is multiplied with before it is decomposed.
///
/// The weight of pixel `(a, b)` of a window is `sqrt(f(a) f(b))`, with `f` a symmetric window
/// function along either axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Taper {
    /// Windows as they are.
    #[default]
    None,
    /// `0.5 - 0.5 cos(2 pi n / (N - 1))`.
    Hann,
    /// `0.54 - 0.46 cos(2 pi n / (N - 1))`.
    Hamming,
    /// `0.42 - 0.5 cos(2 pi n / (N - 1)) + 0.08 cos(4 pi n / (N - 1))`.
    Blackman,
}

impl Taper {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Taper::None => "none",
            Taper::Hann => "hann",
            Taper::Hamming => "hamming",
            Taper::Blackman => "blackman",
        }
    }

    /// The window function at its `length` points, symmetric. One point is 1.
    pub fn function(self, length: usize) -> Vec<f64> {
        let [mean, first, second] = match self {
            Taper::None => [1.0, 0.0, 0.0],
            Taper::Hann => [0.5, 0.5, 0.0],
            Taper::Hamming => [0.54, 0.46, 0.0],
            Taper::Blackman => [0.42, 0.5, 0.08],
        };
        if length == 1 {
            return vec![1.0];
        }
        (0..length)
            // The nearer end, so that the halves are mirror images to the bit.
            .map(|n| 2.0 * PI * n.min(length - 1 - n) as f64 / (length - 1) as f64)
            .map(|angle| mean - first * libm::cos(angle) + second * libm::cos(2.0 * angle))
            // Blackman's ends are 0 but for rounding.
            .map(|f| if f < 1e-15 { 0.0 } else { f })
            .collect()
    }

    /// The weights along one axis of a window: the square root of [`function`](Taper::function).
    pub fn weights(self, length: usize) -> Vec<f64> {
        self.function(length).into_iter().map(f64::sqrt).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_symmetric_and_as_defined() {
        let close = |taper: Taper, expected: [f64; 5]| {
            for (f, e) in taper.function(5).iter().zip(expected) {
                assert!((f - e).abs() < 1e-15, "{taper:?}: {f} {e}");
            }
        };
        close(Taper::None, [1.0; 5]);
        close(Taper::Hann, [0.0, 0.5, 1.0, 0.5, 0.0]);
        close(Taper::Hamming, [0.08, 0.54, 1.0, 0.54, 0.08]);
        close(Taper::Blackman, [0.0, 0.34, 1.0, 0.34, 0.0]);
        assert_eq!(Taper::Hann.function(1), [1.0]);
        assert!((Taper::Hamming.weights(2)[1] - 0.08_f64.sqrt()).abs() < 1e-15);
    }
}
