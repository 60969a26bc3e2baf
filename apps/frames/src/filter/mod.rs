//! Polynomials taken from timestreams.

mod basis;
mod polynomial;
mod scan;

pub use polynomial::Polynomial;
pub use scan::ScanFilter;
