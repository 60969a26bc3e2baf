//! Benchmarks of the engine, the backends and the applications' kernels.
//!
//! | what | how to run it |
//! |---|---|
//! | `benches/engine.rs` | `cargo bench -p jobwise-benches --bench engine` |
//! | `benches/gmf_kernel.rs` | `cargo bench -p jobwise-benches --bench gmf_kernel` |
//! | `benches/inversion.rs` | `cargo bench -p jobwise-benches --bench inversion` |
//! | `src/bin/mpi_engine.rs` | `cargo build --release -p jobwise-benches --features mpi`, then `mpirun -n 2 mpi_engine` |
//! | `src/bin/peaks.rs` | `cargo build --release -p jobwise-benches --bins`, then `peaks` |
//! | `limits` | a script, which compares all programs with these peaks; `--help` tells |
//! | `operations` | a script, which counts the arithmetic of a program; `--help` tells |
//! | `scaling` | a script; `--help` tells |
//! | `memory` | a script; `--help` tells |
//! | `peer`, `peer-usid`, `peer-inversion`, `anchor-scipy` | scripts that run other programs beside ours |
//!
//! What they measured is in `RESULTS.md`.

mod empty;

pub use empty::{Discard, Empty, Sum};
