//! The `usid` command.

mod command;

use std::process::ExitCode;

use clap::Parser;
use command::Command;

/// Image cleaning, signal filters and G-IV inference on USID HDF5 files.
#[derive(Parser, Debug)]
#[command(name = "usid", version, about, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    /// Say what is being done; twice for details
    #[arg(short, long, action = clap::ArgAction::Count, global = true, display_order = 900)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  usid simulate image picture.h5            make a file to try commands on
  usid import picture.tif picture.h5        or make one of a picture
  usid inspect picture.h5                   what a file holds
  usid clean-image picture.h5               remove noise
  usid plot picture.h5                      look at it
  usid filter lines.h5 -f low:100kHz          filter signals
  mpirun -n 4 usid filter lines.h5 -f low:100kHz";

fn main() -> ExitCode {
    jobwise_kit::main("usid", || {
        let cli = jobwise_kit::parse::<Cli>()?;
        jobwise_kit::show_messages(cli.verbose);
        cli.command.run()
    })
}
