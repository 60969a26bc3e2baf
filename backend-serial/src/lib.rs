//! Runs jobwise kernels on the calling thread or on a pool of threads.
