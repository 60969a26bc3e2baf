//! Responses against physics, against the reference data, and through the command `forward`.

mod command;
mod instrument;
mod physics;
mod reference;
mod systems;
