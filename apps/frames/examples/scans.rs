//! A pipeline of one's own: how many scans each lane of each rank has seen.
//!
//! `cargo run --release -p jobwise-frames --example scans -- a.g3 b.g3`; on ranks, built with
//! `--features mpi`: `mpirun -n 4 scans a.g3 b.g3 --n-io 1`.

use std::process::ExitCode;

use jobwise_frames::frame::{Frame, FrameType};
use jobwise_frames::pipeline::Pipeline;
use jobwise_frames::program;

fn main() -> ExitCode {
    program::run("scans", |lane| {
        let mut scans = 0;
        Ok(
            Pipeline::new().add("count", move |frame: &mut Frame| match frame.kind() {
                FrameType::SCAN => scans += 1,
                FrameType::END_PROCESSING => println!("lane {lane}: {scans} scans"),
                _ => {}
            }),
        )
    })
}
