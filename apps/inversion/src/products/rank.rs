use std::f64::consts::LN_10;

use super::{Binned, Point};
use crate::inference::{Quantity, Statistic};
use crate::random::Stream;
use crate::truth::Truth;

/// Numbers of the stream that splits ties, which no chain has.
const CHAIN: u32 = u32::MAX;

/// Where the truth is among the kept iterations of a sounding: the part of them that is below.
#[derive(Clone, Copy, Debug)]
pub struct Rank<'a> {
    point: &'a Point,
    truth: &'a Truth,
    stream: Stream,
}

impl<'a> Rank<'a> {
    /// Ties are split by random numbers keyed by the seed, the sounding and the quantity.
    pub fn new(point: &'a Point, truth: &'a Truth, seed: u64) -> Rank<'a> {
        Rank {
            point,
            truth,
            stream: Stream::new(seed, point.line, point.fiducial, CHAIN),
        }
    }

    /// Of the number of layers; not a number where nothing is kept.
    pub fn of_layers(&self) -> f64 {
        let counts = &self.point.layers;
        let true_count = self.truth.conductivity.len();
        let sum = |counts: &[u32]| counts.iter().map(|count| u64::from(*count)).sum::<u64>();
        let below = sum(&counts[..true_count.min(counts.len())]);
        let equal = counts.get(true_count).copied().unwrap_or(0);
        (below as f64 + self.split(0) * f64::from(equal)) / self.point.kept() as f64
    }

    /// Of ln(S/m) at a depth in m.
    pub fn of_conductivity(&self, depth: f64) -> f64 {
        let truth = self.truth.conductivity_at(depth).ln();
        let split = self.split(depth.to_bits());
        match self.statistic(Quantity::LogConductivity(depth)) {
            Some(statistic) => below(statistic, truth, split),
            None => match self.point.conductivity.bin(depth) {
                Some(bin) => in_bins(&self.point.conductivity.at(bin), truth / LN_10),
                None => f64::NAN,
            },
        }
    }

    /// Of the logarithm of a relative error, where the truth is said and the error is solved for.
    pub fn of_relative_error(&self, component: usize) -> Option<f64> {
        let truth = self.truth.relative_error.get(component)?.ln();
        let statistic = self.solved(Quantity::LogRelativeError(component))?;
        Some(below(statistic, truth, self.split(1 + component as u64)))
    }

    /// Of the logarithm of an additive error, where the truth is said and the error is solved for.
    pub fn of_additive_error(&self, system: usize) -> Option<f64> {
        let truth = self.truth.additive_error.get(system)?.ln();
        let statistic = self.solved(Quantity::LogAdditiveError(system))?;
        Some(below(statistic, truth, self.split(1001 + system as u64)))
    }

    /// Of the height, where it is solved for.
    pub fn of_height(&self) -> Option<f64> {
        let statistic = self.solved(Quantity::Height)?;
        Some(below(statistic, self.truth.height(), self.split(2001)))
    }

    fn split(&self, quantity: u64) -> f64 {
        self.stream.iteration(quantity).uniform()
    }

    fn statistic(&self, quantity: Quantity) -> Option<&'a Statistic> {
        let all = self.point.own.as_ref()?.statistics.iter();
        let mut same = all.filter(|statistic| statistic.quantity == quantity);
        same.next()
    }

    fn solved(&self, quantity: Quantity) -> Option<&'a Statistic> {
        let found = self.statistic(quantity)?;
        (found.deviation > 0.0).then_some(found)
    }
}

/// The part of the quantiles below a number; where several are equal to it, `split` of these.
fn below(statistic: &Statistic, truth: f64, split: f64) -> f64 {
    let quantiles = &statistic.quantiles;
    // Quantiles are kept with this precision.
    let truth = f64::from(truth as f32);
    let last = (quantiles.len() - 1) as f64;
    if quantiles.iter().any(|quantile| quantile.is_nan()) {
        return f64::NAN;
    }
    let lower = quantiles.partition_point(|quantile| *quantile < truth);
    let upper = quantiles.partition_point(|quantile| *quantile <= truth);
    if upper > lower {
        let (first, end) = (lower as f64, (upper - 1) as f64);
        return (first + split * (end - first)) / last;
    }
    if lower == 0 || lower == quantiles.len() {
        return if lower == 0 { 0.0 } else { 1.0 };
    }
    let (left, right) = (quantiles[lower - 1], quantiles[lower]);
    ((lower - 1) as f64 + (truth - left) / (right - left)) / last
}

/// The part of counts below a number, counts of its bin spread evenly.
fn in_bins(binned: &Binned, truth: f64) -> f64 {
    let counts = binned.counts.iter().zip(binned.edges.windows(2));
    let sum: f64 = counts
        .map(|(count, edges)| {
            let part = (truth - edges[0]) / (edges[1] - edges[0]);
            f64::from(*count) * part.clamp(0.0, 1.0)
        })
        .sum();
    sum / binned.total() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statistic(quantiles: Vec<f64>) -> Statistic {
        Statistic {
            quantity: Quantity::Height,
            mean: 0.0,
            deviation: 1.0,
            effective: 1.0,
            r_hat: 1.0,
            quantiles,
        }
    }

    #[test]
    fn ranks_are_between_quantiles() {
        let rising = statistic(vec![0.0, 1.0, 2.0, 4.0, 5.0]);
        for (truth, expected) in [
            (-1.0, 0.0),
            (0.5, 0.125),
            (3.0, 0.625),
            (6.0, 1.0),
            (2.0, 0.5),
        ] {
            let found = below(&rising, truth, 0.3);
            assert!((found - expected).abs() < 1e-12, "{truth}: {found}");
        }
        let tied = statistic(vec![0.0, 1.0, 1.0, 1.0, 2.0]);
        for (split, expected) in [(0.0, 0.25), (0.5, 0.5), (1.0, 0.75)] {
            assert!((below(&tied, 1.0, split) - expected).abs() < 1e-12);
        }
        assert!(below(&statistic(vec![f64::NAN; 5]), 1.0, 0.5).is_nan());
    }

    #[test]
    fn bins_are_spread_evenly() {
        let binned = Binned {
            edges: vec![0.0, 1.0, 2.0],
            counts: vec![1, 3],
        };
        for (truth, expected) in [(-1.0, 0.0), (0.5, 0.125), (1.0, 0.25), (2.0, 1.0)] {
            assert!((in_bins(&binned, truth) - expected).abs() < 1e-12);
        }
    }
}
