//! The search against the reference kernels and against its definition.

mod case;
mod corners;
mod cube;
mod definition;
mod paths;
mod reference;
mod refine;
mod shapes;
mod targets;
