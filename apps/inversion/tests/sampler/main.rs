//! Chains of geobipy's kind: recorded iterations derived again, laws of a chain, posteriors.

mod allocations;
mod chain;
mod inference;
mod posteriors;
mod recording;
mod soundings;
mod statistics;
mod steps;

#[global_allocator]
static ALLOCATOR: jobwise_testing::Counting = jobwise_testing::Counting;
