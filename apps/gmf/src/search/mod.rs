//! The estimators.
