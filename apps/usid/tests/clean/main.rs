//! Image cleaning against its definition and against the reference data.

#[cfg(feature = "cuda")]
mod cuda;
mod gram;
mod naive;
mod project;
mod reference;
