//! Random numbers of a chain: functions of (seed, line, fiducial, chain, iteration, draw), the same
//! bits wherever, and on whatever, the chain runs.
//!
//! Words come from Threefry ([`jobwise_core::random`]); what is made of them in `f64` uses sums,
//! products, roots and the functions of the crate `libm`, which are the same on any processor.

use std::f64::consts::TAU;

use jobwise_core::random::threefry;

/// The random numbers of one chain.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    key: [u32; 4],
}

impl Stream {
    /// The numbers of a chain of the sounding `fiducial` on `line`, in a run with this seed.
    pub fn new(seed: u64, line: f64, fiducial: f64, chain: u32) -> Stream {
        let [seed_low, seed_high] = halves(seed);
        let [line_low, line_high] = halves(line.to_bits());
        let [fiducial_low, fiducial_high] = halves(fiducial.to_bits());
        let place = [line_low, line_high, fiducial_low, fiducial_high];
        Stream {
            key: threefry([seed_low, seed_high, chain, 0], place),
        }
    }

    /// The numbers of an iteration, from the first one on.
    pub fn iteration(&self, iteration: u64) -> Draws {
        Draws {
            key: self.key,
            iteration: halves(iteration),
            block: 0,
            left: None,
            normal: None,
        }
    }
}

/// Random numbers of an iteration, one after the other.
#[derive(Clone, Debug)]
pub struct Draws {
    key: [u32; 4],
    iteration: [u32; 2],
    block: u32,
    /// The second half of the last block.
    left: Option<u64>,
    /// The second one of the last pair of normal numbers.
    normal: Option<f64>,
}

impl Draws {
    /// A number in (0, 1), both ends excluded: `(k + 1/2) / 2^52`, k 52 random bits.
    pub fn uniform(&mut self) -> f64 {
        /// 2^-52.
        const UNIT: f64 = 1.0 / 4_503_599_627_370_496.0;
        ((self.word() >> 12) as f64 + 0.5) * UNIT
    }

    /// A normal number of mean 0 and variance 1, by Box and Muller's transform.
    pub fn normal(&mut self) -> f64 {
        if let Some(second) = self.normal.take() {
            return second;
        }
        let radius = (-2.0 * libm::log(self.uniform())).sqrt();
        let (sin, cos) = libm::sincos(TAU * self.uniform());
        self.normal = Some(radius * sin);
        radius * cos
    }

    /// A whole number below `count`, each as often as the others to within 2^-52.
    ///
    /// # Panics
    /// `count` is 0.
    pub fn below(&mut self, count: usize) -> usize {
        assert!(count > 0, "a number below 0 was asked for");
        ((self.uniform() * count as f64) as usize).min(count - 1)
    }

    /// The place of one of these weights, each as often as it weighs; the last one that weighs
    /// something where rounding leaves none.
    ///
    /// # Panics
    /// There is no positive weight.
    pub fn categorical(&mut self, weights: &[f64]) -> usize {
        let mut rest = self.uniform() * weights.iter().sum::<f64>();
        for (place, weight) in weights.iter().enumerate() {
            if rest < *weight {
                return place;
            }
            rest -= weight;
        }
        let last = weights.iter().rposition(|weight| *weight > 0.0);
        last.expect("a positive weight")
    }

    /// 64 random bits.
    fn word(&mut self) -> u64 {
        if let Some(second) = self.left.take() {
            return second;
        }
        let [low, high] = self.iteration;
        let [a, b, c, d] = threefry(self.key, [low, high, self.block, 0]);
        self.block = self.block.wrapping_add(1);
        self.left = Some(joined([c, d]));
        joined([a, b])
    }
}

fn halves(word: u64) -> [u32; 2] {
    [word as u32, (word >> 32) as u32]
}

fn joined([low, high]: [u32; 2]) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_in_whatever_differs() {
        let first = |seed, line, fiducial, chain, iteration| {
            let stream = Stream::new(seed, line, fiducial, chain);
            stream.iteration(iteration).uniform().to_bits()
        };
        let mut found = vec![
            first(1, 100.0, 2.0, 0, 1),
            first(2, 100.0, 2.0, 0, 1),
            first(1 << 32, 100.0, 2.0, 0, 1),
            first(1, 100.5, 2.0, 0, 1),
            first(1, 100.0, 2.5, 0, 1),
            first(1, 2.0, 100.0, 0, 1),
            first(1, 100.0, 2.0, 1, 1),
            first(1, 100.0, 2.0, 0, 2),
            first(1, 100.0, 2.0, 0, 1 + (1 << 32)),
        ];
        assert_eq!(found[0], first(1, 100.0, 2.0, 0, 1));
        let count = found.len();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), count);
    }

    /// Moments of 400 000 numbers; each bound is five standard deviations.
    #[test]
    fn numbers_are_distributed_as_they_say() {
        let stream = Stream::new(5, 100.0, 3.0, 0);
        let (mut uniform, mut normal, mut counts) = ([0.0; 2], [0.0; 4], [0.0; 3]);
        let count = 400_000;
        for iteration in 0..count / 4 {
            let mut draws = stream.iteration(iteration);
            for _ in 0..4 {
                let (u, x) = (draws.uniform(), draws.normal());
                assert!(u > 0.0 && u < 1.0);
                uniform[0] += u;
                uniform[1] += u * u;
                for (power, sum) in normal.iter_mut().enumerate() {
                    *sum += x.powi(power as i32 + 1);
                }
                counts[draws.categorical(&[1.0, 0.0, 3.0])] += 1.0;
            }
        }
        let n = count as f64;
        let near = |found: f64, expected: f64, variance: f64| {
            let error = (found / n - expected).abs();
            assert!(error < 5.0 * (variance / n).sqrt(), "{found} {expected}");
        };
        near(uniform[0], 0.5, 1.0 / 12.0);
        near(uniform[1], 1.0 / 3.0, 4.0 / 45.0);
        for (found, (expected, variance)) in
            normal
                .into_iter()
                .zip([(0.0, 1.0), (1.0, 2.0), (0.0, 15.0), (3.0, 96.0)])
        {
            near(found, expected, variance);
        }
        near(counts[0], 0.25, 3.0 / 16.0);
        assert!(counts[1] == 0.0);
    }

    #[test]
    fn every_place_below_a_count_is_drawn() {
        let mut draws = Stream::new(0, 0.0, 0.0, 0).iteration(0);
        let mut seen = [0; 5];
        for _ in 0..1000 {
            seen[draws.below(5)] += 1;
        }
        assert!(seen.iter().all(|times| *times > 120), "{seen:?}");
    }
}
