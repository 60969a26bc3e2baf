use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// The value below which a standard normal number is with this probability, in (0, 1).
///
/// The start is formula 26.2.23 of Abramowitz and Stegun, to 4.5e-4; two steps of Halley's follow.
pub(super) fn quantile(probability: f64) -> f64 {
    let tail = probability.min(1.0 - probability);
    let t = (-2.0 * libm::log(tail)).sqrt();
    let over = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let under = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    // Below the middle.
    let mut x = over / under - t;
    for _ in 0..2 {
        let error = 0.5 * libm::erfc(-x * FRAC_1_SQRT_2) - tail;
        let step = error * TAU.sqrt() * libm::exp(0.5 * x * x);
        x -= step / (1.0 + 0.5 * x * step);
    }
    if probability < 0.5 { x } else { -x }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of scipy 1.17.1, `scipy.stats.norm.ppf`.
    #[test]
    fn quantiles_are_those_of_a_table() {
        for (probability, expected) in [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.1, -1.281_551_565_544_600_4),
            (1e-6, -4.753_424_308_822_899),
            (1e-12, -7.034_483_825_301_132),
        ] {
            let found = quantile(probability);
            assert!((found - expected).abs() < 1e-13, "{probability}: {found}");
        }
    }
}
