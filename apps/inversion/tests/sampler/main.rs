//! Chains of geobipy's kind: recorded iterations derived again, laws of a chain, posteriors.

mod chain;
mod inference;
mod posteriors;
mod recording;
mod soundings;
mod statistics;
mod steps;
