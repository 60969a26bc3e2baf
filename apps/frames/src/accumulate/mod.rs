//! What pipelines found in each frame, brought together.
//!
//! An [`Accumulator`] gives each pipeline a module that keeps what it [finds](Found). In the end
//! all ranks [gather](Accumulator::gather) it: every rank then knows all metadata, in groups and in
//! one order, and who has the data. Data move only when somebody [fetches](Accumulated::fetch) them
//! or they are [redistributed](Accumulated::redistribute).

mod accumulated;
mod collector;
mod entry;
mod extract;
mod packed;
mod sum;
#[cfg(test)]
mod tests;

pub use accumulated::{Accumulated, Entry, Group};
pub use collector::Accumulator;
pub use entry::Found;
pub use extract::{Observation, whole_frames};
pub use packed::Packed;
pub use sum::{Json, Metadata, SortValue, What, find};
