//! Image cleaning against its definition and against the reference data.

mod gram;
mod naive;
mod project;
mod reference;
