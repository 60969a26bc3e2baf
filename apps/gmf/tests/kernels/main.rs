//! The search against the reference kernels and against its definition.

#[path = "../common/mod.rs"]
mod common;

mod corners;
mod definition;
mod reference;
mod shapes;
