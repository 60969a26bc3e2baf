use std::path::PathBuf;

use clap::Args;
use jobwise_frames::simulate::{Observation, write};
use jobwise_kit::Failure;

use super::failed;

/// Write an observation of a sky with one polarized source
///
/// Into the directory: shared.g3, part0000.g3, ..., and list.json for --files. The same flags give
/// the same bytes
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    /// The directory; made if absent
    directory: PathBuf,
    /// Scans; every third is a turnaround
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = count(1_000_000))]
    scans: u32,
    /// Detectors
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = count(100_000))]
    detectors: u32,
    /// Samples of each scan, 10 ms apart
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = count(10_000_000))]
    samples: u32,
    /// Files with scans
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = count(10_000))]
    files: u32,
    /// Of the noise
    #[arg(long, value_name = "INT", default_value_t = 1)]
    seed: u64,
    /// Compress the raw timestreams
    #[arg(long)]
    flac: bool,
}

const EXAMPLES: &str = "Examples:
  frames simulate sky
  frames run --files sky/list.json --filter poly:1 --timestreams CalTimestreams \\
      --pointing OnlineRaDecRotation --weights TodWeights --map zea:40x40@0.15deg,30,-50 -o map.g3";

fn count(most: i64) -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=most)
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let observation = Observation {
        scans: flags.scans as usize,
        detectors: flags.detectors as usize,
        samples: flags.samples as usize,
        files: flags.files as usize,
        seed: flags.seed,
        is_compressed: flags.flac,
    };
    let simulated = write(&observation, &flags.directory).map_err(failed)?;
    let (files, list) = (simulated.files.len(), simulated.list.display());
    jobwise_kit::print(&format!(
        "{list}: {files} files with {} scans\n",
        flags.scans
    ))
}
