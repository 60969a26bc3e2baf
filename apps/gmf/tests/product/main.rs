//! The output file: its layout against a file of the peer, and what resuming makes of it.

mod damaged;
mod layout;
mod resume;
mod rows;
mod samples;
