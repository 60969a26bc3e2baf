//! Exact arithmetic between sample indices and instants.
