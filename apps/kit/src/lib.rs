//! What every jobwise application shares: flags, backend choice, HDF5, progress, signals.

pub mod h5;
