//! Filters against the reference data, and through the life cycle.

#[path = "../common/mod.rs"]
mod common;
mod masks;
mod peer;
mod states;
