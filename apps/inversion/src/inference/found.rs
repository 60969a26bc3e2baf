use super::{Best, Quantity, Trace};
use crate::posterior::Posterior;
use crate::sampler::Acceptance;
use crate::settings::Settings;

/// What the chains of one sounding found.
#[derive(Clone, Debug)]
pub struct Found {
    /// S/m: the half-space that fits best, where chains began.
    pub half_space: f64,
    /// Why the result cannot be relied on, where it cannot: a sentence.
    pub failure: Option<String>,
    /// All iterations of the longest chain, from 1.
    pub iterations: u64,
    /// The first kept iteration of the chain that burned in last; none where one never did.
    pub burned_in: Option<u64>,
    /// The most probable state in these iterations.
    pub best: Best,
    /// Counts over the kept iterations of all chains that burned in; of all chains where none did.
    pub posterior: Posterior,
    /// Over the same iterations, one per [`Quantity`].
    pub statistics: Vec<Statistic>,
    /// Chain by chain.
    pub chains: Vec<ChainFound>,
    /// Chain by chain, where they were asked for.
    pub traces: Vec<Trace>,
}

/// What one chain found.
#[derive(Clone, Debug)]
pub struct ChainFound {
    /// The first kept iteration; none where the chain never burned in.
    pub burned_in: Option<u64>,
    /// The mean number of layers of the kept iterations.
    pub mean_layers: f64,
    /// Effective samples of the number of layers.
    pub effective_layers: f64,
    /// The fewest effective samples of ln(S/m) at a depth.
    pub effective_conductivity: f64,
    /// The fewest effective samples of the logarithm of an error level that is solved for; not a
    /// number where none is.
    pub effective_errors: f64,
    /// Effective samples of the height; not a number where it is not solved for.
    pub effective_height: f64,
    /// What was accepted, burn-in included.
    pub acceptance: Acceptance,
}

/// What is known of a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistic {
    /// Which number.
    pub quantity: Quantity,
    /// Of all kept iterations.
    pub mean: f64,
    /// The standard deviation, of all kept iterations.
    pub deviation: f64,
    /// Effective samples in all chains together; not a number where the quantity never changed in
    /// one of them.
    pub effective: f64,
    /// The scale reduction of split, rank-normalised chains, the larger of bulk and tail; not a
    /// number where the quantity never changed.
    pub r_hat: f64,
    /// [`QUANTILES`] of them, for the probabilities 0 to 1 in equal steps, both ends included.
    pub quantiles: Vec<f64>,
}

/// How many quantiles a statistic has.
pub const QUANTILES: usize = 129;

impl Found {
    /// The largest scale reduction of conductivities, and of errors and the height where they are
    /// solved for. Not a number where one of them never changed.
    pub fn r_hat_max(&self, settings: &Settings) -> f64 {
        let all = self.judged(settings).map(|statistic| -statistic.r_hat);
        -all.reduce(lesser).unwrap_or(f64::NAN)
    }

    /// The fewest effective samples of the same. Not a number where one of them never changed.
    pub fn effective_min(&self, settings: &Settings) -> f64 {
        let all = self.judged(settings).map(|statistic| statistic.effective);
        all.reduce(lesser).unwrap_or(f64::NAN)
    }

    /// What says whether chains can be relied on. Layers have their own: those that no datum
    /// reaches may come and go.
    fn judged(&self, settings: &Settings) -> impl Iterator<Item = &Statistic> {
        let all = self.statistics.iter();
        all.filter(|statistic| {
            let quantity = &statistic.quantity;
            *quantity != Quantity::Layers && quantity.is_solved_for(settings)
        })
    }
}

/// The lesser of two numbers; not a number where one is none.
pub(super) fn lesser(a: f64, b: f64) -> f64 {
    if a.is_nan() || a < b { a } else { b }
}

impl Statistic {
    /// The value below which this part of the kept iterations is, between two quantiles by linear
    /// interpolation.
    ///
    /// # Panics
    /// `probability` is not in 0 to 1.
    pub fn quantile(&self, probability: f64) -> f64 {
        assert!(
            (0.0..=1.0).contains(&probability),
            "a probability is in 0 to 1"
        );
        let place = probability * (self.quantiles.len() - 1) as f64;
        let below = (place as usize).min(self.quantiles.len() - 2);
        let part = place - below as f64;
        self.quantiles[below] * (1.0 - part) + self.quantiles[below + 1] * part
    }
}
