//! Runs jobwise kernels on CUDA devices.
