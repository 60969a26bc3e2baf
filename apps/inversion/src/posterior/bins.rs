/// Bins of equal width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bins {
    first: f64,
    last: f64,
    count: usize,
    /// Bins per unit.
    scale: f64,
}

impl Bins {
    /// So many bins from the first edge to the last.
    ///
    /// # Panics
    /// There is no bin, or the edges are not in this order.
    pub fn new(first: f64, last: f64, count: usize) -> Bins {
        assert!(count > 0 && first < last, "bins need edges that rise");
        Bins {
            first,
            last,
            count,
            scale: count as f64 / (last - first),
        }
    }

    /// The number of bins.
    pub fn count(&self) -> usize {
        self.count
    }

    /// An edge, from 0 to the number of bins.
    pub fn edge(&self, place: usize) -> f64 {
        let part = place as f64 / self.count as f64;
        self.first + (self.last - self.first) * part
    }

    /// The middle of a bin.
    pub fn middle(&self, bin: usize) -> f64 {
        0.5 * (self.edge(bin) + self.edge(bin + 1))
    }

    /// The bin that a value is in, the last edge being in the last bin; none beyond the ends.
    pub fn place(&self, value: f64) -> Option<usize> {
        (value >= self.first && value <= self.last).then(|| self.clipped(value))
    }

    /// The same, with the first or the last bin for values beyond the ends.
    pub fn clipped(&self, value: f64) -> usize {
        // A negative number becomes 0.
        (((value - self.first) * self.scale) as usize).min(self.count - 1)
    }
}

/// Counts between edges.
#[derive(Clone, Debug)]
pub struct Histogram {
    bins: Bins,
    counts: Vec<u32>,
}

impl Histogram {
    /// Nothing counted yet.
    pub fn new(bins: Bins) -> Histogram {
        Histogram {
            bins,
            counts: vec![0; bins.count()],
        }
    }

    /// The bins.
    pub fn bins(&self) -> Bins {
        self.bins
    }

    /// One count per bin.
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// Counts a value so many times; one beyond the ends does not count.
    pub fn add(&mut self, value: f64, times: u64) {
        if let Some(place) = self.bins.place(value) {
            self.add_at(place, times);
        }
    }

    /// Counts a value in a bin. A count that is full stays so.
    ///
    /// # Panics
    /// There is no such bin.
    pub fn add_at(&mut self, bin: usize, times: u64) {
        let times = u32::try_from(times).unwrap_or(u32::MAX);
        self.counts[bin] = self.counts[bin].saturating_add(times);
    }

    /// Adds the counts of another one. A count that is full stays so.
    ///
    /// # Panics
    /// The bins are others.
    pub fn merge(&mut self, other: &Histogram) {
        assert!(self.bins == other.bins, "counts of other bins");
        for (count, other) in self.counts.iter_mut().zip(&other.counts) {
            *count = count.saturating_add(*other);
        }
    }

    /// Forgets all counts.
    pub fn clear(&mut self) {
        self.counts.fill(0);
    }
}
