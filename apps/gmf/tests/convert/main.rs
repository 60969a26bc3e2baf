//! `gmf convert`: the reader of MATLAB files, and recordings made of raw data.

#[allow(dead_code)] // of the other tests of the program only the way to start it is used
#[path = "../cli/bench.rs"]
mod bench;

mod command;
mod faults;
mod hostile;
mod mat;
mod mat_writer;
mod raw_data;
#[path = "../common/recorded.rs"]
mod recorded;
mod reference;
