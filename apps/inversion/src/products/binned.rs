/// Counts between edges of any widths.
#[derive(Clone, Debug, PartialEq)]
pub struct Binned {
    /// One more than there are bins, rising.
    pub edges: Vec<f64>,
    /// One per bin.
    pub counts: Vec<u32>,
}

impl Binned {
    /// All counts.
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|count| u64::from(*count)).sum()
    }

    /// The middle of a bin.
    ///
    /// # Panics
    /// There is no such bin.
    pub fn middle(&self, bin: usize) -> f64 {
        0.5 * (self.edges[bin] + self.edges[bin + 1])
    }

    /// The mean of the middles; not a number where nothing is counted.
    pub fn mean(&self) -> f64 {
        let sum: f64 = self
            .counts
            .iter()
            .enumerate()
            .map(|(bin, count)| f64::from(*count) * self.middle(bin))
            .sum();
        sum / self.total() as f64
    }

    /// The standard deviation of the middles; not a number where nothing is counted.
    pub fn deviation(&self) -> f64 {
        let mean = self.mean();
        let square = |bin| (self.middle(bin) - mean) * (self.middle(bin) - mean);
        let counts = self.counts.iter().enumerate();
        let sum: f64 = counts
            .map(|(bin, count)| f64::from(*count) * square(bin))
            .sum();
        (sum / self.total() as f64).sqrt()
    }

    /// The middle of the first bin up to which at least this part is counted, as geobipy does; not
    /// a number where nothing is counted.
    pub fn percentile(&self, part: f64) -> f64 {
        let counts = self.counts.iter().copied();
        place_of(counts, self.total(), part).map_or(f64::NAN, |bin| self.middle(bin))
    }
}

/// The first place up to which at least this part of the total is; none where that is 0.
pub(super) fn place_of(counts: impl Iterator<Item = u32>, total: u64, part: f64) -> Option<usize> {
    let mut sum = 0;
    let mut last = None;
    for (place, count) in counts.enumerate() {
        sum += u64::from(count);
        last = Some(place);
        if sum as f64 / total as f64 >= part {
            break;
        }
    }
    last.filter(|_| total > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_say_what_they_are_of() {
        let binned = Binned {
            edges: vec![0.0, 2.0, 4.0, 8.0],
            counts: vec![1, 2, 1],
        };
        assert_eq!(binned.total(), 4);
        assert!((binned.mean() - 3.25).abs() < 1e-15);
        // (2.25^2 + 2 * 0.25^2 + 2.75^2) / 4
        assert!((binned.deviation() - 3.1875f64.sqrt()).abs() < 1e-15);
        for (part, expected) in [
            (0.0, 1.0),
            (0.25, 1.0),
            (0.26, 3.0),
            (0.75, 3.0),
            (1.0, 6.0),
        ] {
            assert_eq!(
                binned.percentile(part).to_bits(),
                f64::to_bits(expected),
                "{part}"
            );
        }
        let none = Binned {
            counts: vec![0; 3],
            ..binned
        };
        assert!(none.mean().is_nan() && none.deviation().is_nan());
        assert!(none.percentile(0.5).is_nan());
    }
}
