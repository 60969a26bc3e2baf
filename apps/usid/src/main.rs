//! The `usid` command.

mod command;

use std::process::ExitCode;

use clap::Parser;
use command::Command;

/// Image cleaning, signal filters and G-IV inference on USID HDF5 files.
#[derive(Parser, Debug)]
#[command(name = "usid", version, about, max_term_width = 100)]
struct Cli {
    /// Say what is being done; twice for details
    #[arg(short, long, action = clap::ArgAction::Count, global = true, display_order = 900)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    jobwise_kit::main("usid", || {
        let cli = jobwise_kit::parse::<Cli>()?;
        jobwise_kit::show_messages(cli.verbose);
        cli.command.run()
    })
}
