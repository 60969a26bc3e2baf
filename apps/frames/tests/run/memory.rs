//! How much memory a run takes, whatever the size of its files.

use std::io::{BufWriter, Write};
use std::process::Command;

use jobwise_frames::frame::{Frame, FrameType};
use jobwise_testing::{Running, number};

use super::Bench;

const MIB: u64 = 1 << 20;
/// What a reader may have on its way to a rank that computes.
const CREDIT: u64 = 64 * MIB;
/// Of the program, its threads and what it found.
const OWN: u64 = 64 * MIB;

/// What a process holds of its own, without pages of files, which the system takes back at will.
fn held(process: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("RssAnon:"))?;
    let kib: u64 = line.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(kib << 10)
}

/// `JOBWISE_LARGE` says how many MiB the file has.
#[test]
fn memory_does_not_grow_with_files() {
    let size = number("JOBWISE_LARGE").unwrap_or(256) * MIB;
    let bench = Bench::new();
    bench.well("simulate sky --scans 2 --files 1 --detectors 64 --samples 2000");
    let frames = bench.read("sky/part0000.g3");
    let calibration = frames[0].to_bytes().unwrap();
    let scan: &Frame = &frames[1];
    assert_eq!(scan.kind(), FrameType::SCAN);
    let scan = scan.to_bytes().unwrap();
    let scans = size / scan.len() as u64;
    let file = std::fs::File::create(bench.path("large.g3")).unwrap();
    let mut file = BufWriter::new(file);
    file.write_all(&calibration).unwrap();
    for _ in 0..scans {
        file.write_all(&scan).unwrap();
    }
    file.into_inner().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_frames"));
    command.current_dir(bench.path(""));
    let line = "accumulate large.g3 --extract count --sort ScanNumber --threads 2 -o found.json";
    let mut running = Running::start(command.args(line.split(' ')));
    let mut most = 0;
    while !running.is_over() {
        most = most.max(held(&running.id()).unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    running.end().must_succeed();
    let found = &bench.json("found.json")["fullobs"]["simulated-1"];
    assert_eq!(found.as_array().unwrap().len() as u64, scans);
    println!("{} MiB of a file of {} MiB", most / MIB, size / MIB);
    assert!(most > 0 && most < CREDIT + OWN, "{} MiB", most / MIB);
}
