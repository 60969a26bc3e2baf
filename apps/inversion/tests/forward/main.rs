//! Responses against physics, against the reference data, and through the command `forward`.

mod command;
#[cfg(feature = "cuda")]
mod cuda;
mod instrument;
mod physics;
mod reference;
mod systems;
