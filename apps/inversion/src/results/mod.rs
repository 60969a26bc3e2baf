//! Files of results: a line each, as geobipy 2.3.2 reads them, with more beside.
//!
//! | room | what is in it |
//! |---|---|
//! | [`LineResults`] | what a file is about |
//! | `layout` | all groups and datasets of a file |
//! | `entry` | a group or a dataset, before there is a file |
//! | `cell` | from what chains found to the bytes of a row |
//! | [`LineFile`] | a file: made, looked at, written to, brought into its last form |
//! | `same` | whether a file is of the run that is to be continued |
//!
//! Why it is so: `docs/decisions/0030-files-of-inversion-results.md`.

mod cell;
mod entry;
mod layout;
mod line_file;
mod line_results;
mod same;

pub use line_file::{LineFile, Patience, State};
pub use line_results::LineResults;

/// The mark of a sounding that has no result to rely on.
pub const FAILED: u8 = 2;
