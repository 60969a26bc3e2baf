//! Benchmarks of the engine, the backends and the applications' kernels.
