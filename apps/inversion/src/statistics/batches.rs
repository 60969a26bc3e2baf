/// How many means are kept at most; at least half of it once there were so many.
const CAPACITY: usize = 512;

/// Means over batches of equally many values, which come one by one, or several times each. Values
/// are taken from the first one, so that one that never changes has means that are exactly equal.
#[derive(Clone, Debug)]
pub(super) struct Batches {
    first: f64,
    means: Vec<f64>,
    /// Values of a batch: a power of two.
    length: u64,
    /// The batch that is not full yet: how many values it has, their sum, and that of squares.
    begun: u64,
    sum: f64,
    squares: f64,
    /// The sum of squares in full batches.
    all_squares: f64,
}

impl Batches {
    /// What they take on the heap.
    pub(super) const BYTES: usize = CAPACITY * size_of::<f64>();

    /// No value yet.
    pub(super) fn new() -> Batches {
        Batches {
            first: f64::NAN,
            means: Vec::with_capacity(CAPACITY),
            length: 1,
            begun: 0,
            sum: 0.0,
            squares: 0.0,
            all_squares: 0.0,
        }
    }

    /// Takes a value so many times.
    pub(super) fn add(&mut self, value: f64, mut times: u64) {
        if self.means.is_empty() && self.begun == 0 {
            self.first = value;
        }
        let value = value - self.first;
        while times > 0 {
            let taken = times.min(self.length - self.begun);
            times -= taken;
            self.begun += taken;
            self.sum += value * taken as f64;
            self.squares += value * value * taken as f64;
            if self.begun == self.length {
                self.end();
            }
        }
    }

    /// Ends a batch.
    fn end(&mut self) {
        self.means.push(self.sum / self.length as f64);
        self.all_squares += self.squares;
        (self.begun, self.sum, self.squares) = (0, 0.0, 0.0);
        if self.means.len() == CAPACITY {
            for place in 0..CAPACITY / 2 {
                self.means[place] = 0.5 * (self.means[2 * place] + self.means[2 * place + 1]);
            }
            self.means.truncate(CAPACITY / 2);
            self.length *= 2;
        }
    }

    /// The means over batches so many times as long as these, a power of two; what is left over at
    /// the end has none.
    pub(super) fn means(&self, times: u64) -> Vec<f64> {
        let several = self.means.chunks_exact(times as usize);
        several
            .map(|means| self.first + means.iter().sum::<f64>() / times as f64)
            .collect()
    }

    /// The number of values of a batch.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The mean square by which values differ from the mean of their batch.
    pub(super) fn variance_inside(&self) -> f64 {
        if self.length == 1 {
            return 0.0;
        }
        let count = self.means.len() as f64;
        let squares: f64 = self.means.iter().map(|mean| mean * mean).sum();
        (self.all_squares / (count * self.length as f64) - squares / count).max(0.0)
    }

    /// Forgets all values.
    pub(super) fn clear(&mut self) {
        self.means.clear();
        self.length = 1;
        (self.begun, self.sum, self.squares, self.all_squares) = (0, 0.0, 0.0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_of_all_values_in_order() {
        for (count, length) in [(511, 1), (512, 2), (1023, 2), (1024, 4), (100_000, 256)] {
            let value = |i: u64| (i / 7) as f64 + if (i / 7).is_multiple_of(2) { 1e3 } else { 0.0 };
            let (mut single, mut runs) = (Batches::new(), Batches::new());
            for i in 0..count {
                single.add(value(i), 1);
            }
            for run in 0..count / 7 {
                runs.add(value(7 * run), 7);
            }
            runs.add(value(count), count % 7);
            assert_eq!((single.length(), runs.length()), (length, length));
            let expected: Vec<f64> = (0..count / length)
                .map(|batch| {
                    let batch = batch * length..(batch + 1) * length;
                    batch.map(value).sum::<f64>() / length as f64
                })
                .collect();
            for found in [single.means(1), runs.means(1)] {
                assert_eq!(found.len(), expected.len());
                let pairs = found.iter().zip(&expected);
                assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-9));
            }
            let inside: f64 = (0..count / length * length)
                .map(|i| (value(i) - expected[(i / length) as usize]).powi(2))
                .sum();
            let inside = inside / (count / length * length) as f64;
            assert!((single.variance_inside() - inside).abs() <= 1e-6 * inside);
            assert_eq!(single.means(4).len() as u64, count / length / 4);
        }
    }

    #[test]
    fn what_never_changes_has_equal_means() {
        let mut batches = Batches::new();
        for i in 0..10_000 {
            batches.add(0.1, i % 5);
        }
        assert!(
            batches
                .means(1)
                .iter()
                .all(|mean| mean.to_bits() == 0.1f64.to_bits())
        );
        assert!(batches.variance_inside() == 0.0);
    }
}
