//! The simulator: against the reference recording, and by what it promises.

#[path = "../common/mod.rs"]
mod common;

mod promises;
mod reference;
mod scenarios;
