use crate::{Error, Result};

/// How the iteration for a noise floor ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Residual {
    /// When the deviation changes by no more than 0.01 in the signal's own units, as the peer has
    /// it. It depends on the units: a current in A ends at once, one in nA does not.
    #[default]
    Absolute,
    /// When it changes by no more than 1 % of itself.
    Relative,
}

/// The amplitude below which a fraction of a noisy spectrum's bins lies that a threshold asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoiseFloor {
    /// How likely it is that noise exceeds the floor, 0 to 1, exclusive.
    pub tolerance: f64,
    /// When the iteration ends.
    pub residual: Residual,
}

impl NoiseFloor {
    /// A change that ends the iteration.
    const CLOSE: f64 = 0.01;
    /// The most rounds.
    const ROUNDS: usize = 50;

    /// Checks the tolerance.
    ///
    /// # Errors
    /// It is not between 0 and 1.
    pub fn new(tolerance: f64, residual: Residual) -> Result<NoiseFloor> {
        if tolerance > 0.0 && tolerance < 1.0 {
            return Ok(NoiseFloor {
                tolerance,
                residual,
            });
        }
        Err(Error::Request(format!(
            "a noise threshold of {tolerance}: must lie between 0 and 1, exclusive"
        )))
    }

    /// The floor of the spectrum of a real signal of `points` points, from the squared amplitudes
    /// of its bins from zero up to half the sampling rate.
    ///
    /// Noise amplitudes follow a Rayleigh distribution. Its parameter is estimated from all bins,
    /// bins above the floor are taken for signal and left out, and so on until it settles.
    pub fn of(&self, squares: &[f64], points: usize) -> f64 {
        let scale = (-2.0 * self.tolerance.ln()).sqrt();
        let sigma = |limit: f64| (power(squares, points, limit) / (2.0 * points as f64)).sqrt();
        let mut deviation = sigma(f64::INFINITY);
        let mut floor = deviation * scale;
        // The first estimate counts as a round.
        for _ in 1..Self::ROUNDS {
            let next = sigma(floor * floor);
            let change = (next - deviation).abs();
            deviation = next;
            floor = next * scale;
            let limit = match self.residual {
                Residual::Absolute => Self::CLOSE,
                Residual::Relative => Self::CLOSE * deviation,
            };
            if change <= limit {
                break;
            }
        }
        floor
    }
}

/// The power of the whole spectrum in bins of at most `limit`: every bin but zero and the one at
/// half the sampling rate stands for two.
fn power(squares: &[f64], points: usize, limit: f64) -> f64 {
    let Some((&zero, rest)) = squares.split_first() else {
        return 0.0;
    };
    let (inner, nyquist) = match (points.is_multiple_of(2), rest) {
        (true, [inner @ .., last]) => (inner, *last),
        _ => (rest, 0.0),
    };
    let kept = |x: f64| if x <= limit { x } else { 0.0 };
    // Eight sums at once: additions need not wait for each other.
    let mut sums = [0.0; 8];
    let (eights, tail) = inner.as_chunks::<8>();
    for eight in eights {
        for (sum, &x) in sums.iter_mut().zip(eight) {
            *sum += kept(x);
        }
    }
    let tail: f64 = tail.iter().map(|&x| kept(x)).sum();
    2.0 * (sums.iter().sum::<f64>() + tail) + kept(zero) + kept(nyquist)
}
