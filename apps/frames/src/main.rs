//! The `frames` command.

mod command;

use std::process::ExitCode;

use clap::Parser;
use command::Command;

/// G3 files, pipelines of frames over threads and MPI ranks, and maps of the sky.
#[derive(Parser, Debug)]
#[command(name = "frames", version, about, max_term_width = 100)]
struct Cli {
    /// Say what is being done; twice for details
    #[arg(short, long, action = clap::ArgAction::Count, global = true, display_order = 900)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    jobwise_kit::main("frames", || {
        let cli = jobwise_kit::parse::<Cli>()?;
        jobwise_kit::show_messages(cli.verbose);
        cli.command.run()
    })
}
