//! Digital RF and Digital Metadata against reference data, against the Python packages `digital_rf`
//! and `h5py`, and against damaged files.

mod damaged;
mod foreign;
mod hostile;
mod metadata;
mod padding;
mod peer;
mod reading;
mod reference;
mod round_trip;
mod signal;
mod tail;
mod writer;
