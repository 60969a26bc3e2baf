//! Moments of a reciprocal without random numbers.

// It must become part of a function that is compiled for the processor's own instructions.
#![allow(clippy::inline_always)]

use super::resistance::Moments;

/// Below this ratio of the deviation to the mean, squared, the moments are these sums.
///
/// The reciprocal of a normal number has no finite mean, but the part of it that makes it infinite
/// lies eight deviations away there: sums of more nodes agree with these to 1e-8.
pub(super) const LARGEST_RATIO_SQUARED: f64 = 1.0 / 64.0;

/// Squares of the positive nodes of Gauss and Hermite's rule of 16 nodes, for the standard normal
/// density (Abramowitz and Stegun, 25.4.46).
const SQUARES: [f64; 8] = [
    0.149_583_765_193_636_53,
    1.354_498_175_298_578_3,
    3.810_227_270_062_857,
    7.618_952_722_969_813,
    12.966_290_857_254_341,
    20.186_647_350_442_687,
    29.945_254_176_852_79,
    43.968_545_681_925_306,
];

/// The weights of both nodes of each square; their sum is 1.
const WEIGHTS: [f64; 8] = [
    0.573_137_042_476_024_3,
    0.316_676_745_501_899_3,
    0.094_569_504_708_028_07,
    0.014_533_875_202_369_486,
    0.001_051_969_853_147_818_7,
    3.060_006_432_497_463e-5,
    2.618_946_432_573_637_4e-7,
    2.995_629_446_323_663e-10,
];

/// The moments of 1/S, where S is normal with that mean; `squared` is the square of its deviation
/// over its mean.
///
/// With `q = (s z / m)^2`, what the reciprocals of `m + s z` and `m - s z` deviate from `1/m` has
/// the mean `a/m`, where `a = q / (1 - q)`, and the mean square `q (1 + q) / (1 - q)^2 / m^2`.
#[inline(always)]
pub(super) fn moments(mean: f64, squared: f64) -> Moments {
    let (mut deviation, mut square) = ([0.0; 8], [0.0; 8]);
    for (node, (node_squared, weight)) in SQUARES.iter().zip(WEIGHTS).enumerate() {
        let q = squared * node_squared;
        let w = 1.0 / (1.0 - q);
        deviation[node] = weight * (q * w);
        square[node] = weight * (q * w * ((1.0 + q) * w));
    }
    let deviation = sum(deviation);
    Moments {
        mean: (1.0 + deviation) / mean,
        variance: (sum(square) - deviation * deviation) / (mean * mean),
    }
}

/// The small ones first.
#[inline(always)]
fn sum(terms: [f64; 8]) -> f64 {
    let [a, b, c, d, e, f, g, h] = terms;
    ((h + g) + (f + e)) + ((d + c) + (b + a))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the trapezoidal rule, which is exact to 1e-11 for a density that is as good as zero where
    /// it ends.
    fn integrated(mean: f64, deviation: f64) -> Moments {
        const STEPS: i32 = 4000;
        const END: f64 = 7.0;
        let step = END / f64::from(STEPS);
        let (mut total, mut first, mut second) = (0.0, 0.0, 0.0);
        for i in -STEPS..=STEPS {
            let z = step * f64::from(i);
            let density = (-0.5 * z * z).exp();
            let off = 1.0 / (1.0 + deviation / mean * z) - 1.0;
            total += density;
            first += density * off;
            second += density * off * off;
        }
        let (first, second) = (first / total, second / total);
        Moments {
            mean: (1.0 + first) / mean,
            variance: (second - first * first) / (mean * mean),
        }
    }

    #[test]
    fn moments_are_the_integrals() {
        for mean in [0.7, -1.3, 25.0] {
            for share in [1.0, 0.8, 0.5, 0.1, 1e-3] {
                let ratio = share * LARGEST_RATIO_SQUARED.sqrt();
                let found = moments(mean, ratio * ratio);
                let expected = integrated(mean, ratio * mean);
                let off = |found: f64, expected: f64| (found / expected - 1.0).abs();
                assert!(off(found.mean, expected.mean) < 1e-8, "{mean} {share}");
                assert!(
                    off(found.variance, expected.variance) < 1e-8,
                    "{mean} {share}: {found:?} {expected:?}"
                );
            }
        }
        let none = moments(2.0, 0.0);
        assert_eq!((none.mean, none.variance), (0.5, 0.0));
    }
}
