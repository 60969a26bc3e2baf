//! The `batch` program as a user meets it: its exit status, what it says, what lies in its
//! directory, and what runs.

mod bad_input;
mod bench;
mod commands;
mod disorder;
mod faults;
mod guards;
mod kills;
mod names;
mod shards;
mod sharing;
mod stops;
