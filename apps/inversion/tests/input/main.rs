//! What comes in: options, surveys and systems of other programs, sound and damaged.

mod command;
mod fixtures;
mod fuzz;
mod gex;
mod options;
mod real;
mod survey;
mod task;
