//! Observations as TOAST files.
