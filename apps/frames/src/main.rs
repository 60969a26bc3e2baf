//! The `frames` command.

mod command;

use std::process::ExitCode;

use clap::Parser;
use command::Command;

/// G3 files, pipelines of frames over threads and MPI ranks, and maps of the sky.
#[derive(Parser, Debug)]
#[command(name = "frames", version, about, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    /// Say what is being done; twice for details
    #[arg(short, long, action = clap::ArgAction::Count, global = true, display_order = 900)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  frames ls obs.g3
  frames verify *.g3 --decode
  frames run obs.g3 --filter poly:2 --timestreams CalTimestreams --pointing OnlineRaDecRotation \\
      --weights TodWeights --map healpix:64 --pol iau -o map.g3
  frames plot map.g3 -o map.png
  frames accumulate --files list.json --extract count --sort ScanNumber -o found.json
  mpirun -n 8 frames run --files list.json .. --n-io 2 -o map.g3";

fn main() -> ExitCode {
    jobwise_kit::main("frames", || {
        let cli = jobwise_kit::parse::<Cli>()?;
        jobwise_kit::show_messages(cli.verbose);
        cli.command.run()
    })
}
