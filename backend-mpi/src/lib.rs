//! Runs jobwise kernels across MPI ranks.
