//! The `gmf` program as a user meets it: started, fed, interrupted, killed; judged by its exit
//! status, what it says and what lies on the disk afterwards.

mod bad_configuration;
mod bad_inputs;
mod bad_output;
mod bad_recording;
mod bad_request;
mod bench;
mod cells;
mod changed;
mod commands;
#[cfg(feature = "cuda")]
mod cuda;
mod cut;
mod damaged;
mod detect;
mod directories;
mod faults;
mod follow;
mod full_disk;
mod gaps;
mod growth;
mod jobs;
mod kills;
mod leased;
mod memory;
mod plots;
#[path = "../common/recorded.rs"]
mod recorded;
mod refine;
mod ring;
mod signals;
mod spans;
mod told;
mod unusable;
