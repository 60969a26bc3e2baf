//! Digital RF: recordings of sampled voltages.
