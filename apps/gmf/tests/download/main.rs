//! `gmf download` from a server in the test: one that answers well, and ones that do not.

#[allow(dead_code)] // of the other tests of the program only the way to start it is used
#[path = "../cli/bench.rs"]
mod bench;

mod archive;
mod failures;
mod resuming;
mod schedule;
