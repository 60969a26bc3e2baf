// Sampling must become part of the function that is compiled for the processor's own instructions.
#![allow(clippy::inline_always)]

use pulp::{Arch, NullaryFnOnce};

use super::model::{Model, MomentsFrom};
use super::quadrature::{self, LARGEST_RATIO_SQUARED};
use super::random::{PER_BLOCK, Stream};

/// Mean and variance of a resistance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// Gigaohm.
    pub mean: f64,
    /// Gigaohm squared.
    pub variance: f64,
}

/// Replaces `moments` by those of R = 1/S, at each grid point of normal numbers S of that mean and
/// deviation, as `model` says.
///
/// The reciprocal of a normal number has no finite mean: where the mean is less than some five
/// deviations from zero, the moments are of the samples of this stream and no others.
///
/// # Panics
/// When there are not as many means as deviations.
pub(super) fn moments_of(
    means: &[f64],
    deviations: &[f64],
    model: &Model,
    stream: Stream,
    moments: &mut Vec<Moments>,
) {
    assert_eq!(means.len(), deviations.len(), "deviations");
    moments.clear();
    moments.reserve(means.len());
    Arch::new().dispatch(Grid {
        means,
        deviations,
        pairs: model.num_samples / 2,
        sampled_from: match model.moments {
            MomentsFrom::Quadrature => LARGEST_RATIO_SQUARED,
            MomentsFrom::Samples => 0.0,
        },
        stream,
        moments,
    });
}

/// The grid points of one direction.
struct Grid<'a> {
    means: &'a [f64],
    deviations: &'a [f64],
    pairs: usize,
    /// From this square of the deviation over the mean on, samples are drawn.
    sampled_from: f64,
    stream: Stream,
    moments: &'a mut Vec<Moments>,
}

impl NullaryFnOnce for Grid<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for (point, (&mean, &deviation)) in self.means.iter().zip(self.deviations).enumerate() {
            let ratio = deviation / mean;
            let squared = ratio * ratio;
            self.moments.push(if squared < self.sampled_from {
                quadrature::moments(mean, squared)
            } else {
                let sums = Sums::over(self.pairs, squared as f32, self.stream, point as u32);
                sums.moments(mean, self.pairs)
            });
        }
    }
}

/// Sums that are kept apart, as many as the widest registers hold: their order is the same on any
/// processor.
const LANES: usize = 16;

/// Sums over pairs of samples `m + s z` and `m - s z`, of what their reciprocals deviate from
/// `1/m`.
///
/// With `q = (s z / m)^2`, `(1/(m + s z) + 1/(m - s z)) / 2 = (1 + a)/m`, where `a = q / (1 - q)`;
/// the squares of the two deviations have the mean `q (1 + q) / (1 - q)^2 / m^2`. So nothing
/// cancels, and the sign of z is not needed.
#[derive(Clone, Copy, Debug)]
struct Sums {
    deviation: [f32; LANES],
    square: [f32; LANES],
}

impl Sums {
    /// Over the first pairs of the stream at that grid point; `ratio` is `(s / m)^2`.
    #[inline(always)]
    fn over(pairs: usize, ratio: f32, stream: Stream, point: u32) -> Self {
        let mut sums = Self {
            deviation: [0.0; LANES],
            square: [0.0; LANES],
        };
        let blocks = pairs.div_ceil(PER_BLOCK);
        for first in (0..blocks).step_by(LANES) {
            for lane in 0..LANES {
                let block = (first + lane) as u32;
                // Pairs from this block on.
                let left = pairs as i32 - block as i32 * PER_BLOCK as i32;
                let [a, b, c, d] = stream.squares(point, block);
                let (a, b) = (pair(a, left > 0, ratio), pair(b, left > 1, ratio));
                let (c, d) = (pair(c, left > 2, ratio), pair(d, left > 3, ratio));
                sums.deviation[lane] += (a.0 + b.0) + (c.0 + d.0);
                sums.square[lane] += (a.1 + b.1) + (c.1 + d.1);
            }
        }
        sums
    }

    fn moments(&self, mean: f64, pairs: usize) -> Moments {
        let average =
            |sums: &[f32]| sums.iter().copied().map(f64::from).sum::<f64>() / pairs as f64;
        let deviation = average(&self.deviation);
        Moments {
            mean: (1.0 + deviation) / mean,
            variance: (average(&self.square) - deviation * deviation) / (mean * mean),
        }
    }
}

/// What one pair adds to the two sums: nothing, where it is not used.
#[inline(always)]
fn pair(square: f32, is_used: bool, ratio: f32) -> (f32, f32) {
    let q = if is_used { ratio * square } else { 0.0 };
    let w = 1.0 / (1.0 - q);
    let a = q * w;
    (a, a * ((1.0 + q) * w))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEANS: [f64; 5] = [0.7, -1.3, 0.02, 2.5, 1e-3];
    const DEVIATIONS: [f64; 5] = [0.01, 0.2, 0.003, 1e-6, 1.0];

    fn found(samples: usize, from: MomentsFrom) -> Vec<Moments> {
        let model = Model {
            num_samples: samples,
            moments: from,
            ..Model::default()
        };
        let mut moments = Vec::new();
        moments_of(&MEANS, &DEVIATIONS, &model, stream(), &mut moments);
        moments
    }

    fn stream() -> Stream {
        Stream::new(11, 5, 1)
    }

    #[test]
    fn moments_are_those_of_the_samples() {
        for samples in [2, 4, 10, 126, 128, 130, 2000] {
            let found = found(samples, MomentsFrom::Samples);
            for (point, moments) in found.iter().enumerate().take(4) {
                let blocks = 0..samples as u32;
                let squares = blocks.flat_map(|block| stream().squares(point as u32, block));
                let inverse: Vec<f64> = squares
                    .take(samples / 2)
                    .map(|square| f64::from(square).sqrt())
                    .flat_map(|z| [z, -z])
                    .map(|z| 1.0 / (MEANS[point] + DEVIATIONS[point] * z))
                    .collect();
                let mean = inverse.iter().sum::<f64>() / samples as f64;
                let variance =
                    inverse.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / samples as f64;
                assert!(
                    (moments.mean / mean - 1.0).abs() < 1e-7,
                    "{samples} {point}: {moments:?} {mean}"
                );
                assert!(
                    (moments.variance / variance - 1.0).abs() < 1e-5,
                    "{samples} {point}: {moments:?} {variance}"
                );
            }
        }
    }

    /// Only where the deviation is below an eighth of the mean: elsewhere not a bit changes.
    #[test]
    fn sums_take_the_place_of_samples_where_they_agree() {
        let sampled = found(100_000, MomentsFrom::Samples);
        let summed = found(100_000, MomentsFrom::Quadrature);
        for (point, (one, other)) in sampled.iter().zip(&summed).enumerate() {
            if DEVIATIONS[point].abs() > MEANS[point].abs() / 8.0 {
                assert_eq!(one, other, "{point}");
                continue;
            }
            assert_ne!(one, other, "{point}");
            assert!((one.mean / other.mean - 1.0).abs() < 1e-3, "{point}");
            assert!(
                (one.variance / other.variance - 1.0).abs() < 0.03,
                "{point}"
            );
        }
    }

    #[test]
    fn the_instructions_change_no_bit() {
        for (from, sampled_from) in [
            (MomentsFrom::Samples, 0.0),
            (MomentsFrom::Quadrature, LARGEST_RATIO_SQUARED),
        ] {
            let mut plain = Vec::new();
            Grid {
                means: &MEANS,
                deviations: &DEVIATIONS,
                pairs: 1000,
                sampled_from,
                stream: stream(),
                moments: &mut plain,
            }
            .call();
            assert_eq!(plain, found(2000, from));
        }
    }
}
