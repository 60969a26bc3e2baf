//! Jobs, kernels, backends and the engine that runs one on the other.
