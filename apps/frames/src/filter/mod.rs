//! Polynomials taken from timestreams.
