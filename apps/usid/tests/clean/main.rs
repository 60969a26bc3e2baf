//! Image cleaning against its definition and against the reference data.

#[path = "../common/mod.rs"]
mod common;
#[cfg(feature = "cuda")]
mod cuda;
mod gram;
mod naive;
mod project;
mod reference;
