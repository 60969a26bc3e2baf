use super::Binned;

/// Counts by conductivity and by depth.
#[derive(Clone, Debug, PartialEq)]
pub struct Hitmap {
    /// log10(S/m), rising.
    pub conductivity: Vec<f64>,
    /// m, rising.
    pub depth: Vec<f64>,
    /// All depths of the lowest conductivity, then those of the next.
    pub counts: Vec<u32>,
}

impl Hitmap {
    /// The number of bins of depth.
    pub fn depths(&self) -> usize {
        self.depth.len().saturating_sub(1)
    }

    /// The number of bins of conductivity.
    pub fn conductivities(&self) -> usize {
        self.conductivity.len().saturating_sub(1)
    }

    /// m: the middle of a bin of depth.
    ///
    /// # Panics
    /// There is no such bin.
    pub fn middle(&self, depth: usize) -> f64 {
        0.5 * (self.depth[depth] + self.depth[depth + 1])
    }

    /// The bin of a depth in m; that of the last edge is the last. None beyond the edges.
    pub fn bin(&self, depth: f64) -> Option<usize> {
        let (first, last) = (self.depth.first()?, self.depth.last()?);
        let above = self.depth.partition_point(|edge| *edge <= depth);
        (depth >= *first && depth <= *last).then(|| above.clamp(1, self.depths()) - 1)
    }

    /// The counts in a bin of depth, from the lowest conductivity on.
    pub fn column(&self, depth: usize) -> impl Iterator<Item = u32> + '_ {
        self.counts[depth..].iter().step_by(self.depths()).copied()
    }

    /// The counts in a bin of depth, by log10(S/m).
    pub fn at(&self, depth: usize) -> Binned {
        Binned {
            edges: self.conductivity.clone(),
            counts: self.column(depth).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depths_have_bins() {
        let hitmap = Hitmap {
            conductivity: vec![-1.0, 0.0, 1.0],
            depth: vec![0.0, 1.0, 3.0, 4.0],
            counts: vec![1, 2, 3, 4, 5, 6],
        };
        let bins = [-0.1, 0.0, 0.9, 1.0, 3.5, 4.0, 4.1].map(|depth| hitmap.bin(depth));
        assert_eq!(
            bins,
            [None, Some(0), Some(0), Some(1), Some(2), Some(2), None]
        );
        assert_eq!(hitmap.at(1).counts, [2, 5]);
        assert!((hitmap.middle(1) - 2.0).abs() < 1e-15);
    }
}
