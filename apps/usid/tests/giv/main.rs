//! The inference of resistance and capacitance against the reference data, and its laws.

#[path = "../common/mod.rs"]
mod common;
mod file;
mod laws;
mod period;
mod reshape;
mod segment;
