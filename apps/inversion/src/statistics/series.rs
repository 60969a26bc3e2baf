use super::batches::Batches;
use super::samples::Samples;
use crate::posterior::Moments;

/// What is kept of one quantity of one chain: moments and means of all its values, and some of the
/// values. It takes 8 kB, whatever the number of values; nothing is allocated after the start.
#[derive(Clone, Debug)]
pub struct Series {
    moments: Moments,
    pub(super) samples: Samples,
    pub(super) batches: Batches,
}

impl Series {
    /// What it takes on the heap.
    pub const BYTES: usize = Samples::BYTES + Batches::BYTES;

    /// No value yet.
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Series {
        Series {
            moments: Moments::default(),
            samples: Samples::new(),
            batches: Batches::new(),
        }
    }

    /// Takes the value of so many iterations in a row.
    pub fn add(&mut self, value: f64, times: u64) {
        self.moments.add(value, times);
        self.samples.add(value, times);
        self.batches.add(value, times);
    }

    /// Mean and deviation of all values.
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// Some of the values, evenly spaced, the first one first: at least 512 of more than 1024.
    pub fn samples(&self) -> &[f32] {
        self.samples.values()
    }

    /// Whether values differ.
    pub fn changes(&self) -> bool {
        // A value that is no number is none that differs.
        self.moments.deviation() > 0.0
    }

    /// Forgets all values.
    pub fn clear(&mut self) {
        self.moments = Moments::default();
        self.samples.clear();
        self.batches.clear();
    }
}
