//! Scalar attributes of every kind the formats here use.
