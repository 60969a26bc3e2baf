//! The search against the reference kernels and against its definition.

mod case;
mod corners;
mod cube;
#[cfg(feature = "cuda")]
mod cuda;
mod definition;
mod paths;
mod reference;
mod refine;
mod shapes;
mod targets;
