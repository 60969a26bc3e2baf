/// The axis that a mask is made for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// Points of the signal.
    pub points: usize,
    /// Points per second.
    pub rate: f64,
}

impl Sampling {
    /// The index of frequency zero in a shifted spectrum.
    pub fn zero(&self) -> usize {
        self.points / 2
    }

    /// The bins from zero to a frequency, rounded half to even.
    pub(super) fn bins(&self, frequency: f64) -> usize {
        (self.points as f64 * frequency / self.rate).round_ties_even() as usize
    }

    /// The bins of half a bandwidth.
    pub(super) fn half_bins(&self, width: f64) -> usize {
        (self.zero() as f64 * width / self.rate).round_ties_even() as usize
    }
}
