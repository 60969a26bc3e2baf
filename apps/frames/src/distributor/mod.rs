//! Ranks that read, and pipelines on ranks and threads that compute.
