/// The mean and the variance of numbers that come one by one, or several times each.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    count: u64,
    mean: f64,
    /// The sum of squares of differences from the mean.
    squares: f64,
}

impl Moments {
    /// Adds a number so many times.
    pub fn add(&mut self, value: f64, times: u64) {
        let other = Moments {
            count: times,
            mean: value,
            squares: 0.0,
        };
        self.merge(&other);
    }

    /// Adds all that another one has: Chan, Golub and `LeVeque`, "Algorithms for computing the
    /// sample variance" (1983).
    pub fn merge(&mut self, other: &Moments) {
        let count = self.count + other.count;
        if other.count == 0 {
            return;
        }
        let part = other.count as f64 / count as f64;
        let difference = other.mean - self.mean;
        self.squares += other.squares + difference * difference * part * self.count as f64;
        self.mean += difference * part;
        self.count = count;
    }

    /// How many numbers there were.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Not a number where there was none.
    pub fn mean(&self) -> f64 {
        if self.count == 0 { f64::NAN } else { self.mean }
    }

    /// The standard deviation of all numbers; not a number where there was none.
    pub fn deviation(&self) -> f64 {
        (self.squares / self.count as f64).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_all_numbers() {
        let numbers = [1e6, 1e6 + 1.0, 1e6 + 1.0, 1e6 + 4.0];
        let mut single = Moments::default();
        let mut merged = Moments::default();
        merged.merge(&Moments::default());
        assert!(merged.mean().is_nan() && merged.deviation().is_nan());
        for x in numbers {
            single.add(x, 1);
        }
        merged.add(1e6, 1);
        merged.add(1e6 + 1.0, 2);
        let mut last = Moments::default();
        last.add(1e6 + 4.0, 1);
        merged.merge(&last);
        for moments in [single, merged] {
            assert_eq!(moments.count(), 4);
            assert!((moments.mean() - (1e6 + 1.5)).abs() < 1e-9);
            assert!((moments.deviation() - 2.25f64.sqrt()).abs() < 1e-9);
        }
    }
}
