/// How many values are kept at most; at least half of it once there were so many.
const CAPACITY: usize = 1024;

/// Every so-manieth of the values that come one by one, or several times each.
#[derive(Clone, Debug)]
pub(super) struct Samples {
    values: Vec<f32>,
    /// From one value to the next: a power of two.
    stride: u64,
    /// How many values came.
    count: u64,
}

impl Samples {
    /// What they take on the heap.
    pub(super) const BYTES: usize = CAPACITY * size_of::<f32>();

    /// No value yet.
    pub(super) fn new() -> Samples {
        Samples {
            values: Vec::with_capacity(CAPACITY),
            stride: 1,
            count: 0,
        }
    }

    /// Takes a value so many times.
    pub(super) fn add(&mut self, value: f64, times: u64) {
        self.count += times;
        while self.values.len() as u64 * self.stride < self.count {
            self.values.push(value as f32);
            if self.values.len() == CAPACITY {
                for place in 0..CAPACITY / 2 {
                    self.values[place] = self.values[2 * place];
                }
                self.values.truncate(CAPACITY / 2);
                self.stride *= 2;
            }
        }
    }

    /// The values that are kept, the first one first.
    pub(super) fn values(&self) -> &[f32] {
        &self.values
    }

    /// Forgets all values.
    pub(super) fn clear(&mut self) {
        self.values.clear();
        (self.stride, self.count) = (1, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_so_manieth_value_is_kept() {
        for (count, stride) in [
            (1023u32, 1),
            (1024, 2),
            (1025, 2),
            (2046, 2),
            (2047, 4),
            (100_000, 128),
        ] {
            let (mut single, mut runs) = (Samples::new(), Samples::new());
            for i in 0..count {
                single.add(f64::from(i / 7), 1);
            }
            for run in 0..count / 7 {
                runs.add(f64::from(run), 7);
            }
            runs.add(f64::from(count / 7), u64::from(count % 7));
            let expected = (0..count).step_by(stride).map(|i| (i / 7) as f32);
            assert!(expected.eq(single.values().iter().copied()), "{count}");
            assert!(single.values() == runs.values(), "{count}");
            assert!(single.values.len() < CAPACITY && single.values.capacity() == CAPACITY);
        }
    }
}
