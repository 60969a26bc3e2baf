use std::fmt;

use crate::posterior::Posterior;
use crate::sampler::{Acceptance, Best};

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
    /// The most probable state that any chain kept.
    pub best: Best,
    /// Counts over the kept iterations of all chains.
    pub posterior: Posterior,
    /// Over the kept iterations of all chains, one per [`Quantity`].
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

/// Iterations of a chain, from the first one on: all, or one of so many.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// From one to the next.
    pub stride: u64,
    /// The misfit after it.
    pub misfit: Vec<f64>,
    /// Whether the state changed.
    pub accepted: Vec<bool>,
}

/// A number that chains give.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    /// The number of layers.
    Layers,
    /// The sum of squares of what is left over, in standard deviations.
    Misfit,
    /// m above the ground.
    Height,
    /// The natural logarithm of the relative error of this component.
    LogRelativeError(usize),
    /// The natural logarithm of the additive error of this system.
    LogAdditiveError(usize),
    /// ln(S/m) at this depth in m.
    LogConductivity(f64),
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
    /// Effective samples in all chains together; not a number where the quantity never changed.
    pub effective: f64,
    /// The scale reduction of split, rank-normalised chains, the larger of bulk and tail; not a
    /// number where the quantity never changed.
    pub r_hat: f64,
    /// [`QUANTILES`] of them, for the probabilities 0 to 1 in equal steps, both ends included.
    pub quantiles: Vec<f64>,
}

/// How many quantiles a statistic has.
pub const QUANTILES: usize = 129;

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Quantity::Layers => f.write_str("layers"),
            Quantity::Misfit => f.write_str("misfit"),
            Quantity::Height => f.write_str("height"),
            Quantity::LogRelativeError(component) => write!(f, "log_relative_error {component}"),
            Quantity::LogAdditiveError(system) => write!(f, "log_additive_error {system}"),
            Quantity::LogConductivity(depth) => write!(f, "log_conductivity {depth}"),
        }
    }
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
