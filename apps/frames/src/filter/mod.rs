//! Polynomials taken from timestreams.

mod basis;
mod polynomial;

pub use polynomial::Polynomial;
