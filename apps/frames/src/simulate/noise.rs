use jobwise_core::random::{cos_turn, minus_ln_unit, threefry};

/// Normally distributed numbers, each a function of its place and of the seed alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noise {
    pub(super) seed: u64,
}

impl Noise {
    /// The number of a sample of a detector in a scan.
    pub(super) fn normal(self, scan: u32, detector: u32, sample: u32) -> f64 {
        let key = [self.seed as u32, (self.seed >> 32) as u32, 0x6733, 0];
        let [one, other, ..] = threefry(key, [scan, detector, sample, 0]);
        // Box and Muller's transform.
        f64::from((2.0 * minus_ln_unit(one)).sqrt() * cos_turn(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_have_the_moments_of_a_normal_distribution() {
        let noise = Noise { seed: 5 };
        let all = (0..10_000).map(|sample| noise.normal(1, 2, sample));
        let (mut sum, mut squares) = (0.0, 0.0);
        for number in all {
            sum += number;
            squares += number * number;
        }
        // Three standard errors.
        assert!((sum / 1e4).abs() < 0.03, "{sum}");
        assert!((squares / 1e4 - 1.0).abs() < 0.045, "{squares}");
    }
}
